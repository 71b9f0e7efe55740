/** Reads and checks everything that the runner hands over: all inputs at once, nothing started before they are right. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import {
  isBranchName,
  isWorkflowName,
  limits,
  nearest,
  readSetLines,
  readWantedClis,
  type WantedCli,
} from '../src/index.ts';
import { type Replay, readCommander, readReplay, readRunId } from './commander.ts';
import { checkEvent, personBehind } from './event-file.ts';
import { type FanOut, readFanOut } from './fan-out.ts';
import { readHandOver } from './hand-over.ts';
import { readOrder } from './order.ts';

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

export type SpecSource =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'commit'; readonly commit: string; readonly hash: string }
  /** The issue as it stands now. */
  | { readonly kind: 'issue' };

export type Environment = Readonly<Record<string, string | undefined>>;

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

export interface Reader {
  readonly problems: string[];
  /** Null: not given or empty. */
  text(name: string): string | null;
  choice<T extends string>(name: string, known: readonly T[]): T | null;
  matching(name: string, test: (value: string) => boolean, expected: string): string | null;
  number(name: string, test: (value: string) => boolean, expected: string): number | null;
}

export function createReader(env: Environment): Reader {
  const problems: string[] = [];
  const plain = (name: string): string | null => env[`INPUT_${name.toUpperCase()}`]?.trim() || null;
  const order = readOrder(plain('order'), problems);
  const text = (name: string): string | null => plain(name) ?? order.get(name) ?? null;
  const matching: Reader['matching'] = (name, test, expected) => {
    const value = text(name);
    if (value === null || test(value)) return value;
    problems.push(`The input \`${name}\` takes ${expected}; it was ${shown(value)}.`);
    return null;
  };
  return {
    problems,
    text,
    matching,
    choice(name, known) {
      const value = text(name);
      const found = known.find((word) => word === value);
      if (value === null || found) return found ?? null;
      const near = nearest(value, known);
      const list = known.map((word) => `\`${word}\``).join(', ');
      problems.push(
        `The input \`${name}\` is one of ${list}; it was ${shown(value)}${near ? `. Did you mean \`${near}\`?` : '.'}`,
      );
      return null;
    },
    number(name, test, expected) {
      const value = matching(name, test, expected);
      return value === null || !test(value) ? null : Number(value);
    },
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

function readSpec(
  reader: Reader,
  { workspace, issue }: { readonly workspace: string; readonly issue: number | null },
): SpecSource | null {
  const { problems } = reader;
  const commit = reader.matching(
    'spec-commit',
    (value) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value),
    'the full id of a commit',
  );
  const hash = reader.matching(
    'spec-hash',
    (value) => /^[0-9a-f]{64}$/.test(value),
    'a SHA-256 in lower-case hex',
  );
  const file = reader.text('spec');
  if (file !== null && reader.text('spec-commit') !== null) {
    problems.push('Both `spec` and `spec-commit` are given; a run has one spec.');
  }
  if (file !== null) return readSpecFile(file, workspace, problems);
  if ((reader.text('spec-commit') === null) !== (reader.text('spec-hash') === null)) {
    problems.push('The inputs `spec-commit` and `spec-hash` belong together; only one of them is given.');
  }
  if (commit !== null && issue === null && reader.text('issue') === null) {
    problems.push('The input `issue` is missing: `spec-commit` holds the spec of an issue.');
  }
  if (commit !== null && hash !== null) return { kind: 'commit', commit, hash };
  if (issue !== null) return { kind: 'issue' };
  if (reader.text('issue') === null && reader.text('spec-commit') === null) {
    problems.push(
      'There is no spec: give the input `spec` (a markdown file in the repository) or `issue` (its number).',
    );
  }
  return null;
}

function readSpecFile(file: string, workspace: string, problems: string[]): SpecSource | null {
  const found = contained('spec', { file, workspace, problems });
  if (found === null) return null;
  if (statSync(found).size > limits.specBytesMax) {
    problems.push(`The spec ${shown(file)} is too large: it may have ${limits.specBytesMax} bytes.`);
    return null;
  }
  const text = readFileSync(found, 'utf8');
  if (text.trim() === '') problems.push(`The spec ${shown(file)} is empty; write down what is to be built.`);
  return { kind: 'file', path: file, text };
}

function readAgentClis({ text, problems }: Reader): readonly WantedCli[] {
  const { wanted, problems: wrong } = readWantedClis(text('agent-cli') ?? '');
  problems.push(...wrong);
  return wanted;
}

function readAgentScript({ text, problems }: Reader, workspace: string): string | null {
  const file = text('agent-script');
  return file === null ? null : contained('agent-script', { file, workspace, problems });
}

/** The real path of a file of the workspace, links resolved; null with a problem where it is elsewhere or nowhere. */
function contained(
  name: string,
  { file, workspace, problems }: { file: string; workspace: string; problems: string[] },
): string | null {
  const absolute = path.resolve(workspace, file);
  const exists = statSync(absolute, { throwIfNoEntry: false })?.isFile() === true;
  const real = exists ? realpathSync(absolute) : absolute;
  const root = exists ? realpathSync(workspace) : workspace;
  if (!real.startsWith(`${root}${path.sep}`)) {
    problems.push(`The input \`${name}\` names a file outside of the repository: ${shown(file)}.`);
  } else if (!exists) {
    problems.push(
      `The file of the input \`${name}\` does not exist: ${shown(file)}. Is the repository checked out before this step?`,
    );
  } else {
    return real;
  }
  return null;
}

function shown(value: string): string {
  const line = value.replace(/[^\x20-\x7e]/g, '?').replaceAll('`', "'");
  return `\`${line.length > 80 ? `${line.slice(0, 80)}…` : line}\``;
}
