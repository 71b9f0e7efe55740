/** Puts the Action together: inputs in, a run on GitHub, outputs and summary out. */
import path from 'node:path';
import {
  createClient,
  explain,
  GumpError,
  installClis,
  runOnGithub,
  type Sink,
  tellTrouble,
} from '../src/index.ts';
import { runEvent } from './event.ts';
import { handOverAfter } from './hand-over.ts';
import { type ActionInputs, readInputs } from './inputs.ts';
import { createLogSink, logTo, maskSecrets } from './log-sink.ts';
import { exitCodeOf, fail, type NoEnding, outputsOf, writeOutputs } from './outputs.ts';
import type { Environment } from './reader.ts';
import { annotation } from './runner-commands.ts';
import { runSettle } from './settle.ts';
import { createReportSink, writeSummary } from './summary.ts';

export type GithubRunOptions = Parameters<typeof runOnGithub>[0];
export type GithubRunResult = Awaited<ReturnType<typeof runOnGithub>>;

/** Never rejects: whatever goes wrong is an annotation and an exit code. */
export async function runAction(env: Environment = process.env): Promise<void> {
  const write = (text: string): void => void process.stdout.write(text);
  maskSecrets([env['INPUT_GITHUB-TOKEN'] ?? '', env['INPUT_PUSH-TOKEN'] ?? ''], write);
  const command = env.INPUT_COMMAND?.trim();
  if (command === 'event') return await runEvent(env, write);
  if (command === 'settle') return await runSettle(env, write);
  const { inputs, problems } = readInputs(env);
  if (inputs === null) {
    const message = `Nothing was started:\n${problems.map((problem) => `- ${problem}`).join('\n')}`;
    await tellIssue(env, { message, write });
    return await endWithout('not-started', { message, exitCode: 2 });
  }
  const signal = cancellation();
  if (!(await provideClis({ inputs, env, write, signal }))) return;
  const report = createReportSink();
  const sinks = [createLogSink({ write }), report];
  try {
    const result = await runOnGithub(optionsOf({ inputs, env, sinks, write, signal }));
    await writeOutputs(outputsOf(result, report.report()));
    await tell(result);
  } catch (error) {
    const isUsage = error instanceof GumpError && error.code === 'usage';
    const [status, exitCode] = isUsage ? (['not-started', 2] as const) : (['broken-off', 1] as const);
    await endWithout(status, { message: explain(error), exitCode });
  } finally {
    await writeSummary(report.report());
  }
}

/** Puts the CLIs that the input names first on PATH; false, and told, where one of them cannot be had. */
async function provideClis({ inputs, env, write, signal }: Omit<Parts, 'sinks'>): Promise<boolean> {
  try {
    const { agentClis, toolCache: cache } = inputs;
    const folders = await installClis(agentClis, { cache, env, log: logTo(write), signal });
    if (folders.length > 0) process.env.PATH = [...folders, process.env.PATH ?? ''].join(path.delimiter);
    return true;
  } catch (error) {
    const message = `Nothing was started: ${explain(error)}`;
    await tellIssue(env, { message, write });
    await endWithout('not-started', { message, exitCode: 1 });
    return false;
  }
}

async function endWithout(
  status: NoEnding,
  { message, exitCode }: { readonly message: string; readonly exitCode: number },
): Promise<void> {
  await writeOutputs({ status });
  await fail(message, exitCode);
}

async function tell({ status, runId, reason }: GithubRunResult): Promise<void> {
  const exitCode = exitCodeOf(status);
  if (status === 'pass' || status === 'handed-over' || status === 'fanned-out') return;
  const ending = { pass: 'passed', fail: 'failed', cancelled: 'was stopped', paused: 'waits for a person' };
  await fail(`The run ${runId} ${ending[status]}${reason === null ? '.' : `: ${reason}`}`, exitCode);
}

/** Whoever commanded the run looks at the issue, not at the job. Only what the App or a person dispatched is told. */
async function tellIssue(
  env: Environment,
  { message, write }: { readonly message: string; readonly write: (text: string) => void },
): Promise<void> {
  const [owner, repo] = (env.GITHUB_REPOSITORY ?? '').split('/');
  const issue = Number(/^[1-9]\d{0,9}$/.exec(env.INPUT_ISSUE?.trim() ?? '')?.[0]);
  const token = env['INPUT_GITHUB-TOKEN']?.trim();
  const { GITHUB_API_URL: apiUrl, GITHUB_EVENT_NAME: event } = env;
  if (!owner || !repo || !issue || !token || !apiUrl || event !== 'workflow_dispatch') return;
  const log = logTo(write);
  const client = createClient({ token, apiUrl, userAgent: 'gump', log });
  const runUrl = `${env.GITHUB_SERVER_URL}/${owner}/${repo}/actions/runs/${env.GITHUB_RUN_ID}`;
  const error = new GumpError(message, { code: 'usage' });
  await tellTrouble({ client, owner, repo, issue, runId: null, runUrl, error, log });
}

interface Parts {
  readonly inputs: ActionInputs;
  readonly env: Environment;
  readonly sinks: readonly Sink[];
  readonly write: (text: string) => void;
  /** Aborted when the job is cancelled. */
  readonly signal: AbortSignal;
}

function optionsOf({ inputs, env, sinks, write, signal }: Parts): GithubRunOptions {
  const { agentClis: _, toolCache: __, handOverAfterMs, ...asked } = inputs;
  const { agent, maxBudgetUsd, maxParallel, base, sandbox, set, mode, ...rest } = asked;
  return {
    ...rest,
    settings: { agent, maxBudgetUsd, maxParallel, base, sandbox, set, dryRun: mode === 'dry-run' },
    self: [process.execPath, process.argv[1] ?? ''],
    env,
    log: logTo(write),
    warn: (line) => write(`${annotation('warning', { title: 'Gump', message: line })}\n`),
    annotate: ({ path, line, level, message }) => {
      const kind = level === 'failure' ? 'error' : level;
      write(`${annotation(kind, { title: 'Gump', message, file: path, line })}\n`);
    },
    sinks,
    signal,
    ...(handOverAfterMs !== null && { handOver: handOverAfter(handOverAfterMs) }),
  };
}

/** A runner that cancels sends SIGINT, then SIGTERM, then kills. */
function cancellation(): AbortSignal {
  const controller = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => controller.abort(signal));
  return controller.signal;
}
