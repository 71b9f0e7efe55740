/** Reads and checks everything that the runner hands over: all inputs at once, nothing started before they are right. */
import path from 'node:path';
import {
  isBranchName,
  isWorkflowName,
  limits,
  readSetLines,
  readWantedClis,
  type WantedCli,
} from '../src/index.ts';
import { type Replay, readCommander, readReplay, readRunId } from './commander.ts';
import { checkEvent, personBehind } from './event-file.ts';
import { type FanOut, readFanOut } from './fan-out.ts';
import { readHandOver } from './hand-over.ts';
import { readAgentScript, readSpec, type SpecSource } from './named-files.ts';
import { createReader, type Environment, type Reader } from './reader.ts';

export interface ActionInputs extends FanOut, Replay {
  readonly command: (typeof commands)[number];
  readonly mode: 'run' | 'dry-run';
  /** Null: gump.toml of the default branch says it, else `implement-spec`. */
  readonly workflow: string | null;
  readonly owner: string;
  readonly repo: string;
  readonly token: string;
  /** For pushing alone, so that GitHub starts workflows on what is pushed; null: `token` pushes. */
  readonly pushToken: string | null;
  /** Null: the run belongs to no issue. */
  readonly issue: number | null;
  /** Null: the run gets an id of its own. */
  readonly runId: string | null;
  readonly spec: SpecSource | null;
  /** Absolute; null where real agents run. */
  readonly agentScript: string | null;
  /** Agent CLIs to install before the run. */
  readonly agentClis: readonly WantedCli[];
  readonly agent: string | null;
  readonly maxBudgetUsd: number | null;
  readonly maxParallel: number | null;
  /** Inputs of the workflow, by name. */
  readonly set: Readonly<Record<string, string>>;
  readonly sandbox: (typeof sandboxModes)[number] | null;
  readonly base: string | null;
  /** Login of the person who commanded; null: not told. */
  readonly by: string | null;
  readonly reason: string | null;
  /** The ledger's last event when a person answered; null: not told. */
  readonly seq: number | null;
  /** How often in a row the run goes on by itself, with this job; null: a person commanded it. */
  readonly continued: number | null;
  /** Null: the job works until it is cut off. */
  readonly handOverAfterMs: number | null;
  readonly workspace: string;
  readonly tempDir: string;
  readonly toolCache: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly serverUrl: string;
}

export type Read =
  | { readonly inputs: ActionInputs; readonly problems: readonly [] }
  /** One sentence each, with what to do; never a secret's value. */
  | { readonly inputs: null; readonly problems: readonly string[] };

const commands = ['run', 'resume', 'fix', 'approve', 'reject', 'replay', 'task', 'join'] as const;
const sandboxModes = ['auto', 'required', 'off'] as const;

/** Reads inputs, event file and the files that inputs name; changes nothing. */
export function readInputs(env: Environment): Read {
  const reader = createReader(env);
  const { problems } = reader;
  const workspace = env.GITHUB_WORKSPACE ?? process.cwd();
  const payload = checkEvent(env, problems);
  const issue = readIssue(reader);
  const command = reader.choice('command', commands) ?? 'run';
  const inputs: ActionInputs = {
    ...readRepository(reader, env),
    command,
    mode: reader.choice('mode', ['run', 'dry-run']) ?? 'run',
    workflow: reader.matching(
      'workflow',
      isWorkflowName,
      'the name of a workflow, for example `implement-spec`',
    ),
    token: readToken(reader),
    pushToken: reader.text('push-token'),
    issue,
    runId: readRunId(reader, command),
    spec: command === 'run' || command === 'fix' ? readSpec(reader, { workspace, issue }) : null,
    agentScript: readAgentScript(reader, workspace),
    agentClis: readAgentClis(reader),
    agent: reader.matching(
      'agent',
      (value) => /^[A-Za-z0-9][\w.:/-]{0,63}$/.test(value),
      'the name of an agent, for example `claude-sonnet`',
    ),
    maxBudgetUsd: reader.number(
      'max-budget',
      isBudget,
      'an amount in US dollars above 0, for example `20.00`',
    ),
    maxParallel: reader.number('max-parallel', isParallel, `a whole number from 1 to ${limits.tasksMax}`),
    set: readSet(reader),
    sandbox: reader.choice('sandbox', sandboxModes),
    base: reader.matching('base', isBranchName, 'the name of a branch, for example `main`'),
    ...readCommander(reader, personBehind(payload)),
    handOverAfterMs: readHandOver(reader),
    ...readFanOut(reader, command),
    replay: command === 'replay' ? readReplay(reader) : null,
    workspace,
    tempDir: env.RUNNER_TEMP ?? path.join(workspace, '..'),
    toolCache: env.RUNNER_TOOL_CACHE ?? env.RUNNER_TEMP ?? path.join(workspace, '..'),
  };
  return problems.length > 0 ? { inputs: null, problems } : { inputs, problems: [] };
}

type Place = Pick<ActionInputs, 'owner' | 'repo' | 'apiUrl' | 'graphqlUrl' | 'serverUrl'>;

/** The repository and where its GitHub is. */
export function readRepository({ problems }: Reader, env: Environment): Place {
  const [owner = '', repo = ''] = (env.GITHUB_REPOSITORY ?? '').split('/');
  if (!owner || !repo)
    problems.push('GITHUB_REPOSITORY is not set to `owner/name`: this is not a GitHub Actions runner.');
  const apiUrl = env.GITHUB_API_URL ?? 'https://api.github.com';
  return {
    owner,
    repo,
    apiUrl,
    graphqlUrl: env.GITHUB_GRAPHQL_URL ?? `${apiUrl.replace(/\/api\/v3$/, '/api')}/graphql`,
    serverUrl: env.GITHUB_SERVER_URL ?? 'https://github.com',
  };
}

function isBudget(value: string): boolean {
  return /^\d{1,6}(\.\d{1,2})?$/.test(value) && Number(value) > 0;
}

function isParallel(value: string): boolean {
  return /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= limits.tasksMax;
}

export function readIssue(reader: Reader): number | null {
  return reader.number('issue', (value) => /^[1-9]\d{0,9}$/.test(value), 'the number of an issue');
}

export function readToken({ text, problems }: Reader): string {
  const token = text('github-token');
  if (token === null) {
    problems.push(
      "The input `github-token` is empty: leave it out to use the job's own token, or give `${{ secrets.NAME }}` of a secret that exists.",
    );
  }
  return token ?? '';
}

/** The text is not shown: it may be a secret of somebody's. */
function readSet({ text, problems }: Reader): Readonly<Record<string, string>> {
  const read = readSetLines(text('set') ?? '');
  for (const { line, why } of read.problems)
    problems.push(`The input \`set\` takes one \`name=text\` a line; of its line ${line}, ${why}.`);
  return read.inputs;
}

function readAgentClis({ text, problems }: Reader): readonly WantedCli[] {
  const { wanted, problems: wrong } = readWantedClis(text('agent-cli') ?? '');
  problems.push(...wrong);
  return wanted;
}
