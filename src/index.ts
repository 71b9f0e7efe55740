/** The public face: all that the hosts may import; the command line, which needs no GitHub, takes its part in local.ts. */
export { githubActionsAppId } from './github/app-ids.ts';
export { createClient } from './github/client.ts';
export { cutMiddle } from './github/cut.ts';
export { harmlessLine } from './github/defuse.ts';
export type { Dispatch, DispatchOrder, DispatchResult } from './github/dispatch.ts';
export { giveUpEvent, handleEvent } from './github/handle.ts';
export type { EventOrder, IncomingConfig, Outcome } from './github/incoming.ts';
export { isBranchName, isWorkflowName } from './github/names.ts';
export { isInDoubt, type RestClient } from './github/rest.ts';
export { tellTrouble } from './github/tell-trouble.ts';
export { describeWorkflow } from './hosting/describe-workflow.ts';
export { runOnGithub } from './hosting/github.ts';
export * from './local.ts';
export type { Plan } from './plan/plan.ts';
export { readSetLines } from './playbook/set-lines.ts';
export { renderMarkdown } from './report/markdown.ts';
export { summarize } from './report/summarize.ts';
export { traceLines } from './terminal/trace.ts';
