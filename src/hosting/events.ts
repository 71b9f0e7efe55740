/** What handlers of events ask of rooms that they do not know: the same for every host. */
import type { IncomingConfig } from '../github/incoming.ts';
import { limits } from '../limits.ts';
import { describeRun } from './describe-run.ts';
import { describeWorkflow } from './describe-workflow.ts';
import { planOfRecord, replayProblem } from './plan-of.ts';

/** Everything of `IncomingConfig` that does not depend on who hosts. */
export const answersForEvents = {
  describeWorkflow,
  describeRun,
  planOf: planOfRecord,
  replayProblem,
  takeoverAfterMs: limits.takeoverAfterMs,
} satisfies Partial<IncomingConfig>;
