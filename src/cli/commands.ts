// Every command, in the order of the help.

import type { Binding } from "./binding.js";
import { auditReplay, auditVerify } from "./commands/auditing.js";
import { bump, demo, fold, generate, init } from "./commands/authoring.js";
import { evalBaseline, evalRecord, evalRun, gateEval } from "./commands/gating.js";
import {
  stateExport,
  stateImport,
  stateMigrate,
  stateMv,
  stateRm,
  stateShow,
  stateUnlock,
} from "./commands/keeping.js";
import {
  drift,
  explain,
  history,
  incidentList,
  incidentShow,
  metricsImport,
  metricsShow,
  runbookCheck,
  runbookList,
  runbookShow,
  stateList,
  status,
} from "./commands/looking.js";
import { notYet } from "./commands/not-yet.js";
import { apply, plan, show, validate } from "./commands/planning.js";
import { backtest, simulate } from "./commands/rehearsing.js";
import { route } from "./commands/routing.js";
import { serve } from "./commands/serving.js";
import {
  abort,
  adopt,
  approve,
  fallbackOff,
  fallbackOn,
  pause,
  proceed,
  promote,
  recover,
  resume,
  retry,
  undo,
} from "./commands/steering.js";

export const bindings: readonly Binding[] = [
  demo,
  init,
  adopt,
  bump,
  validate,
  plan,
  simulate,
  backtest,
  show,
  apply,
  status,
  drift,
  history,
  route,
  approve,
  proceed,
  promote,
  pause,
  resume,
  abort,
  fallbackOn,
  fallbackOff,
  undo,
  retry,
  recover,
  fold,
  gateEval,
  evalRun,
  evalRecord,
  evalBaseline,
  metricsImport,
  metricsShow,
  incidentList,
  incidentShow,
  auditVerify,
  auditReplay,
  runbookList,
  runbookShow,
  runbookCheck,
  generate,
  serve,
  explain,
  stateList,
  stateShow,
  stateMv,
  stateRm,
  stateExport,
  stateImport,
  stateUnlock,
  stateMigrate,
  ...notYet,
];
