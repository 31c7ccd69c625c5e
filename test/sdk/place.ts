// A folder for the routing file of each test, and the routers that are opened there.

import { afterEach, beforeEach } from "vitest";
import { openRouter, type Router, type RouterOptions } from "../../src/sdk/index.js";
import { Folder, later } from "./support.js";

export interface Place {
  /** A new one for each test. */
  readonly folder: Folder;
  /** What the routers of the test have logged. */
  readonly lines: readonly string[];
  /** Closed after the test. It looks only when it is told to, unless said otherwise. */
  open(options?: RouterOptions, file?: string): Promise<Router>;
}

/** For the tests of the file that asks for it. */
export function freshPlace(): Place {
  let lines: string[] = [];
  let folder = new Folder();
  folder.remove();
  const opened: Router[] = [];
  beforeEach(() => {
    folder = new Folder();
    lines = [];
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((router) => router.close()));
    folder.remove();
  });
  return {
    get folder() {
      return folder;
    },
    get lines() {
      return lines;
    },
    open: async (options = {}, file = folder.file) => {
      // Those of this test: a look that is under way may end after it.
      const heard = lines;
      const log = (line: string) => heard.push(line);
      const router = await openRouter(file, { log, pollMs: 1_000_000, now: () => later, ...options });
      opened.push(router);
      return router;
    },
  };
}
