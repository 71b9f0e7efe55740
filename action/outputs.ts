/** What later steps of the job can read, and how the step itself ends. */
import type { GithubRunResult } from './run.ts';

export interface ActionOutputs {
  readonly status: string;
  readonly 'run-id': string;
  readonly branch: string;
  readonly 'pull-request': string;
  readonly cost: string;
  /** JSON: paths of the branches that are to go on in jobs of their own. */
  readonly tasks: string;
  /** How many of those jobs may run at once. */
  readonly 'max-parallel': string;
  /** The summary as markdown. */
  readonly report: string;
}

/** All text; empty where there is nothing. Cost in US dollars with cents; empty where it is not known. */
export function outputsOf(result: GithubRunResult, report: string): ActionOutputs {
  return {
    status: result.status,
    'run-id': result.runId,
    branch: result.branch ?? '',
    'pull-request': result.pullRequest === null ? '' : String(result.pullRequest),
    cost: result.costUnknown ? '' : result.costUsd.toFixed(2),
    tasks: JSON.stringify(result.away?.tasks ?? []),
    'max-parallel': String(result.away?.maxParallel ?? 1),
    report,
  };
}

/** 0 pass and handed over, 1 failed, 3 paused, 130 stopped: as the command line does. */
export function exitCodeOf(status: GithubRunResult['status']): number {
  return { pass: 0, 'handed-over': 0, 'fanned-out': 0, fail: 1, paused: 3, cancelled: 130 }[status];
}

/** How the step ends where the run has no ending of its own: the job behind it then has nothing to do. */
export type NoEnding = 'not-started' | 'broken-off';

/** Writes the outputs where the runner reads them. */
export async function writeOutputs(outputs: ActionOutputs | { readonly status: NoEnding }): Promise<void> {
  const { setOutput } = await import('./toolkit.ts');
  for (const [name, value] of Object.entries(outputs)) setOutput(name, value);
}

/** The step fails with the message as an annotation; 2 means that nothing was started. */
export async function fail(message: string, exitCode: number): Promise<void> {
  const { setFailed } = await import('./toolkit.ts');
  setFailed(message);
  process.exitCode = exitCode;
}
