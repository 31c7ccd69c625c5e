const edge = require("@rollout-engine/rollout/edge");
const sdk = require("@rollout-engine/rollout/sdk");

void import("./report.mjs").then(({ report }) => report(sdk, edge, process.argv[2]));
