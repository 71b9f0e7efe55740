/** The one table of what a workflow file may say: it feeds the parser, the checks, the JSON schema and the reference. */
import type { StepKind } from './workflow.ts';

/** How a value is written; see values.ts. The structured ones (`steps` …) are read by the file of that name. */
export type FieldType =
  | 'title'
  | 'name'
  | 'kind'
  | 'text'
  | 'usd'
  | 'count'
  | 'duration'
  | 'boolean'
  | 'percent'
  | 'path'
  | 'gate'
  | 'worktree'
  | 'hitl'
  | 'reset'
  | 'fresh'
  | 'none'
  | 'ignored'
  | 'prompt'
  | 'context'
  | 'session'
  | 'guard'
  | 'gates'
  | 'retry'
  | 'steps'
  | 'inputs'
  | 'block';

export interface Field {
  readonly type: FieldType;
  /** One sentence for the reference. */
  readonly doc: string;
  readonly required?: true;
  /** In words, where leaving it out means something. */
  readonly default?: string;
  /** The default as the file would write it, where it is one value for all kinds. */
  readonly defaultValue?: string | boolean;
  /** Kinds of steps that may say it; absent: all. */
  readonly kinds?: readonly StepKind[];
  /** Accepted with a warning that says this. */
  readonly deprecated?: string;
  /** The key that it is another name of. */
  readonly aliasOf?: string;
  /** In a retry entry: when it applies, or what it changes. */
  readonly role?: 'condition' | 'override';
}

const agents: readonly StepKind[] = ['code', 'split', 'validate'];

const get = {
  prompt: {
    type: 'prompt',
    doc: 'What the agent is told: text with placeholders, or `{file: path}` relative to the workflow file.',
    kinds: agents,
  },
  context: {
    type: 'context',
    doc: 'Files and outputs of commands that are put beside the prompt.',
    default: 'none',
    kinds: agents,
  },
  worktree: {
    type: 'worktree',
    doc: 'What the agent may do with the tree: `read-write`, `read-only`, or `none` for an empty directory.',
    default: '`read-write` for code, `read-only` for split and validate',
    kinds: agents,
  },
  session: {
    type: 'session',
    doc: 'Whether the conversation is `new` or continues that of a step: `{from: step}`.',
    default: '`new`; a retry continues its own',
    defaultValue: 'new',
    kinds: agents,
  },
  workflow: {
    type: 'path',
    doc: 'The workflow that is called: by a step of its own, or once before the first attempt; a name such as `setup`, or `validators/arch-review`.',
    kinds: [...agents, 'call'],
  },
  with: {
    type: 'inputs',
    doc: 'Inputs of the called workflow: templates by name. `agent` is also who works there where a step names nobody.',
    kinds: [...agents, 'call'],
  },
} as const satisfies Record<string, Field>;

const run = {
  agent: {
    type: 'text',
    doc: 'Who does it: a name such as `claude-sonnet`, a template, or `pass` to launch nothing.',
    default: 'the configured `default_agent`',
    kinds: agents,
  },
  guard: { type: 'guard', doc: 'Limits that stop a running attempt.', kinds: agents },
  hitl: {
    type: 'hitl',
    doc: 'Where the run pauses for a person: `before_gate` (also `true`) or `after_gate`.',
    default: 'nowhere',
    kinds: [...agents, 'gates'],
  },
} as const satisfies Record<string, Field>;

export const fields = {
  root: {
    name: { type: 'title', doc: "The workflow's name.", required: true },
    steps: { type: 'steps', doc: 'What is done, in order; at least one step.', required: true },
    max_budget: {
      type: 'usd',
      doc: 'The most that a run may spend, in USD; in a called workflow, that each call of it may spend.',
      default: 'unlimited',
    },
    max_timeout: {
      type: 'duration',
      doc: 'The longest that a run may take; in a called workflow, each call of it.',
      default: 'unlimited',
    },
    max_tokens: {
      type: 'count',
      doc: 'The most tokens that a run may use; in a called workflow, each call of it.',
      default: 'unlimited',
    },
    description: { type: 'ignored', doc: 'Not read.', deprecated: 'write a comment instead' },
    inputs: {
      type: 'ignored',
      doc: 'Not read.',
      deprecated: 'every name that a called workflow uses and does not have is an input',
    },
    review: {
      type: 'ignored',
      doc: 'Not read.',
      deprecated: 'write a `validate` gate or a step with `type: validate` instead',
    },
  },
  step: {
    name: { type: 'name', doc: "The step's name, unique among its siblings.", required: true },
    type: {
      type: 'kind',
      doc: 'What comes out: `code` (a diff), `split` (tasks) or `validate` (a verdict).',
      default: 'by its keys: a call (`workflow`), a group (`steps`) or gates only (`gate`)',
    },
    get: {
      type: 'block',
      doc: 'The keys of what the agent receives, as a block.',
      kinds: [...agents, 'call'],
    },
    run: { type: 'block', doc: 'The keys of how the agent runs, as a block.', kinds: [...agents, 'gates'] },
    ...get,
    ...run,
    gate: {
      type: 'gates',
      doc: 'What judges a finished attempt; all run, in order.',
      default: 'none',
      kinds: [...agents, 'gates'],
    },
    retry: {
      type: 'retry',
      doc: 'What changes from one attempt to the next, and which is the last.',
      default: 'a failure is final',
      kinds: [...agents, 'group'],
    },
    each: { type: 'steps', doc: 'The steps that run once per task of a split.', kinds: ['split'] },
    steps: { type: 'steps', doc: 'The children of a group.', kinds: ['group'] },
    parallel: {
      type: 'boolean',
      doc: 'Whether tasks or children run side by side.',
      default: '`false`',
      defaultValue: false,
      kinds: ['split', 'group'],
    },
  },
  get,
  run,
  prompt: {
    file: { type: 'path', doc: "The prompt's file, relative to the workflow file.", required: true },
  },
  context: {
    file: { type: 'text', doc: 'A path in the tree; templates allowed; a missing one is a warning.' },
    bash: { type: 'text', doc: 'A command that runs in the worktree; its standard output is taken.' },
  },
  session: {
    from: { type: 'name', doc: 'The step whose conversation goes on.', required: true },
  },
  guard: {
    max_turns: { type: 'count', doc: 'Turns; breached when the next one begins.', default: 'unlimited' },
    max_budget: { type: 'usd', doc: 'USD that one attempt may spend.', default: 'unlimited' },
    max_tokens: { type: 'count', doc: 'Tokens that one attempt may use.', default: 'unlimited' },
    max_time: { type: 'duration', doc: 'How long one attempt may take.', default: 'one hour' },
    timeout: { type: 'duration', doc: 'Another name of `max_time`.', aliasOf: 'max_time' },
    idle_timeout: {
      type: 'duration',
      doc: 'How long an agent may give no sign of life: print nothing, and receive nothing from a model.',
      default: 'ten minutes',
    },
    no_write: {
      type: 'boolean',
      doc: 'Whether a write fails the attempt.',
      default: '`true` for split and validate',
    },
  },
  gate: {
    compile: { type: 'none', doc: "The project's build command succeeds." },
    test: { type: 'none', doc: "The project's test command succeeds." },
    lint: { type: 'none', doc: "The project's lint command succeeds; a missing one is skipped." },
    coverage: { type: 'percent', doc: 'At least this percentage is covered; a missing tool is skipped.' },
    schema: { type: 'none', doc: 'The tasks of a split are well formed.' },
    touched: {
      type: 'text',
      doc: 'Some changed file matches this glob; `!glob` is every file that it does not match.',
    },
    untouched: {
      type: 'text',
      doc: 'No changed file matches this glob; `!glob` is every file that it does not match.',
    },
    tests_found: { type: 'none', doc: 'The runner finds at least one test.' },
    tests_fail: { type: 'none', doc: 'The test command runs and does not succeed: a test is yet to be met.' },
    bash: { type: 'text', doc: 'This command ends with exit code 0; values in it are shell-quoted.' },
    validate: { type: 'path', doc: 'This validator says pass; every key beside it is one of its inputs.' },
    name: { type: 'name', doc: "The gate's name in placeholders and reports." },
  },
  retry: {
    attempt: { type: 'count', doc: 'From this attempt on.', role: 'condition' },
    not: { type: 'gate', doc: 'When this gate did not pass last time.', role: 'condition' },
    validate: { type: 'path', doc: 'When this validator says pass.', role: 'condition' },
    exit: { type: 'count', doc: 'This attempt is the last; mandatory.', role: 'condition' },
    with: { type: 'inputs', doc: "The validator's inputs." },
    agent: { type: 'text', doc: 'Who does it from now on.', role: 'override' },
    prompt: { type: 'prompt', doc: 'What the agent is told from now on.', role: 'override' },
    session: { type: 'fresh', doc: '`new`: a new conversation.', role: 'override' },
    worktree: { type: 'reset', doc: '`reset`: back to where the step started.', role: 'override' },
  },
} as const satisfies Record<string, Readonly<Record<string, Field>>>;

type Table = typeof fields;
export type Place = keyof Table;
export type KeyOf<P extends Place> = keyof Table[P] & string;
export type TypeOf<P extends Place, K extends KeyOf<P>> = Table[P][K] extends {
  readonly type: infer T extends FieldType;
}
  ? T
  : never;

/** What a place is called in messages. */
export const placeNames: Readonly<Record<Place, string>> = {
  root: 'a workflow',
  step: 'a step',
  get: '`get:`',
  run: '`run:`',
  prompt: 'a prompt',
  context: 'a context entry',
  session: '`session:`',
  guard: '`guard:`',
  gate: 'a gate',
  retry: 'a retry entry',
};

/** The field, or null where that place has no such key. */
export function fieldOf(place: Place, key: string): Field | null {
  const known: Readonly<Record<string, Field>> = fields[place];
  return Object.hasOwn(known, key) ? (known[key] ?? null) : null;
}

/** The keys of a place, in the table's order. */
export function keysOf(place: Place): readonly string[] {
  return Object.keys(fields[place]);
}

/** The keys of a place with a role, in the table's order. */
export function keysWith(place: Place, role: NonNullable<Field['role']>): readonly string[] {
  return keysOf(place).filter((key) => fieldOf(place, key)?.role === role);
}

/** The places that know this key, in the table's order; empty for an unknown one. */
export function placesOf(key: string): readonly Place[] {
  return (Object.keys(fields) as Place[]).filter((place) => fieldOf(place, key) !== null);
}

/** Step types that are reserved, and step types that are. */
export const stepTypes = ['code', 'split', 'validate'] as const;
export const reservedTypes: readonly string[] = ['search', 'scrape', 'surf', 'use', 'doc'];
