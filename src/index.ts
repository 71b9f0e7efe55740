/** The public face: all that hosts may import. */
export { explain, GumpError } from './errors.ts';
export { githubActionsAppId } from './github/app-ids.ts';
export { createClient } from './github/client.ts';
export type { Dispatch, DispatchOrder, DispatchResult } from './github/dispatch.ts';
export { readFrozenSpec } from './github/freeze.ts';
export { handleEvent } from './github/handle.ts';
export type { EventOrder, IncomingConfig, Outcome } from './github/incoming.ts';
export type { RestClient } from './github/rest.ts';
export type { WorkflowFacts } from './github/spec-comment.ts';
export type { DescribeWorkflow, ReadFile } from './github/workflow-facts.ts';
export { limits } from './limits.ts';
