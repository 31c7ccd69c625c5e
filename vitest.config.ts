import { defineConfig } from "vitest/config";

/** Folders whose tests are functions of their inputs: they share workers, which makes them four times as fast. */
const pure = ["core", "config", "views", "sdk", "telemetry"];

/** A machine that does five things at once is slow, not wrong: a test fails by what it sees. Projects take nothing over from the root. */
const patience = { testTimeout: 120_000, hookTimeout: 120_000 };

export default defineConfig({
  test: {
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...patience,
          name: "pure",
          include: pure.map((folder) => `test/${folder}/**/*.test.ts`),
          pool: "threads",
          isolate: false,
        },
      },
      {
        // Everything that opens files, sockets, processes or native modules: each file in a process of its own.
        test: {
          ...patience,
          name: "effectful",
          include: ["test/**/*.test.ts"],
          exclude: [...pure.map((folder) => `test/${folder}/**`), "test/fixtures/**"],
          pool: "forks",
          globalSetup: ["test/support/shared-postgres.ts", "test/support/shared-stage.ts"],
        },
      },
    ],
  },
});
