import * as edge from "@rollout-engine/rollout/edge";
import * as sdk from "@rollout-engine/rollout/sdk";
import { report } from "./report.mjs";

await report(sdk, edge, process.argv[2]);
