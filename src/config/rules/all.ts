// Every rule, in no order that matters.

import {
  percentsAreWhole,
  runbooksExist,
  sourcesAreWaitedFor,
  strategiesAreKnown,
  targetsStandApart,
} from "./agents.js";
import { clusterObjectsStandApart, revisionsAreServedApart } from "./cluster-objects.js";
import { patternsMatchFiles, promptsCanBeServed, releaseIsNoCommit } from "./files.js";
import { floorsCanBeBreached } from "./floors.js";
import {
  alphaStandsAtCanary,
  evidenceCanBeFresh,
  freezesLast,
  marginsHold,
  suitesDiffer,
  windowsStandOnce,
} from "./gates.js";
import { flagdKnowsTheRule, gatewayKeysAreReferences, modelsHaveProviders } from "./gateways.js";
import { pathsUseNoLinks, runnersReachTheirDoors, stateStaysInside } from "./paths.js";
import { statusAddressesStandApart, variablesStandApart } from "./proxies.js";
import { holdsFit, rampEnds, weightsRise } from "./ramps.js";
import type { Rule } from "./rule.js";
import { addressesHoldNoPasswords } from "./secrets.js";
import {
  overridesAreUsed,
  overridesKeepParameters,
  stepsAreKnown,
  stepsAreListedOnce,
  versionsStandStill,
} from "./steps.js";

export const rules: readonly Rule[] = [
  weightsRise,
  rampEnds,
  holdsFit,
  marginsHold,
  alphaStandsAtCanary,
  suitesDiffer,
  windowsStandOnce,
  freezesLast,
  evidenceCanBeFresh,
  floorsCanBeBreached,
  stepsAreKnown,
  stepsAreListedOnce,
  overridesAreUsed,
  overridesKeepParameters,
  versionsStandStill,
  strategiesAreKnown,
  sourcesAreWaitedFor,
  runbooksExist,
  targetsStandApart,
  statusAddressesStandApart,
  variablesStandApart,
  clusterObjectsStandApart,
  revisionsAreServedApart,
  percentsAreWhole,
  flagdKnowsTheRule,
  modelsHaveProviders,
  gatewayKeysAreReferences,
  patternsMatchFiles,
  promptsCanBeServed,
  releaseIsNoCommit,
  stateStaysInside,
  runnersReachTheirDoors,
  pathsUseNoLinks,
  addressesHoldNoPasswords,
];
