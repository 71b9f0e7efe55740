/** The one table of what configuration may say: it feeds parser, messages, `gump config`, the file of `gump init` and the reference. */
import { limits } from '../limits.ts';
import { agentFields } from './agent-fields.ts';
import { gatewayFields } from './gateway-fields.ts';
import type { Values } from './values.ts';

/** How a value is written; see values.ts. */
export type FieldType = keyof Values;

export interface Field {
  readonly type: FieldType;
  /** For the reference, whole sentences. */
  readonly doc: string;
  /** A value as TOML writes it. */
  readonly example: string;
  /** In words, what holds where nobody says anything … */
  readonly default: string;
  /** … and as a value, where it is one. */
  readonly fallback?: string | number;
  /** The spelling of Gump's documentation, which means the same. */
  readonly alias?: string;
  /** The variable of the environment that says the same. */
  readonly variable?: string;
  /** The option of `gump run` that says the same. */
  readonly option?: string;
  /** The largest value that is taken. */
  readonly max?: number;
  /** Not supported yet: what holds instead. */
  readonly reserved?: string;
}

export const defaultAgent = 'claude-sonnet';
export const defaultWorkflow = 'implement-spec';

export const fields = {
  root: {
    default_agent: {
      type: 'agent',
      doc: 'The agent of steps that name none.',
      example: '"claude-sonnet"',
      default: `\`${defaultAgent}\``,
      fallback: defaultAgent,
      variable: 'GUMP_DEFAULT_AGENT',
    },
  },
  validation: {
    compile: {
      type: 'shell',
      doc: 'The command of the gate `compile`, run in the top folder.',
      example: '"npm run build"',
      default: 'found in the project',
      alias: 'compile_cmd',
    },
    test: {
      type: 'shell',
      doc: 'The command of the gate `test`.',
      example: '"npm test"',
      default: 'found in the project',
      alias: 'test_cmd',
    },
    lint: {
      type: 'shell',
      doc: 'The command of the gate `lint`.',
      example: '"npm run lint"',
      default: 'found in the project',
      alias: 'lint_cmd',
    },
    coverage: {
      type: 'shell',
      doc: 'The command of the gate `coverage`; it writes a report or prints a total.',
      example: '"npm run coverage"',
      default: 'found in the project',
      alias: 'coverage_cmd',
    },
    from: {
      type: 'commit',
      doc: 'Whose commands judge: those of the commit that the run started on (`base`), or those of the attempt (`head`), which can then weaken its own judge.',
      example: '"base"',
      default: '`base`',
      fallback: 'base',
    },
    timeout: {
      type: 'duration',
      doc: 'How long one command of a gate may take.',
      example: '"30m"',
      default: `${limits.gateTimeoutMs / 60_000}m`,
      fallback: limits.gateTimeoutMs,
    },
  },
  budget: {
    max_budget: {
      type: 'usd',
      doc: 'The most that a run may spend, in USD.',
      example: '20.00',
      default: 'no limit',
      variable: 'GUMP_MAX_BUDGET',
      option: '--max-budget',
    },
    max_tokens: {
      type: 'count',
      doc: 'The most tokens that a run may use.',
      example: '2_000_000',
      default: 'no limit',
      variable: 'GUMP_MAX_TOKENS',
    },
    max_timeout: {
      type: 'duration',
      doc: 'The longest that a run may take.',
      example: '"2h"',
      default: 'no limit',
      variable: 'GUMP_MAX_TIMEOUT',
    },
    max_parallel: {
      type: 'parallel',
      doc: 'Attempts at once in the whole run, however tasks and groups are nested.',
      example: '4',
      default: String(limits.parallelDefault),
      fallback: limits.parallelDefault,
      variable: 'GUMP_MAX_PARALLEL',
      option: '--max-parallel',
    },
  },
  error_context: {
    max_error_chars: {
      type: 'cut',
      doc: 'What a retry prompt quotes of an error, and of the last answer, in bytes of UTF-8; longer ones keep head and tail.',
      example: '4000',
      default: String(limits.errorContextBytesMax),
      fallback: limits.errorContextBytesMax,
      max: limits.errorContextBytesMax,
    },
    max_diff_chars: {
      type: 'cut',
      doc: 'What a prompt quotes of a diff, in bytes of UTF-8.',
      example: '20_000',
      default: String(limits.diffContextBytesMax),
      fallback: limits.diffContextBytesMax,
      max: limits.diffContextBytesMax,
    },
  },
  breaker: {
    same_failures: {
      type: 'times',
      doc: 'So often in a row a step may fail in the same way; then the next entry of `retry` that changes agent, session or worktree is taken at once, and where there is none the step ends. 0: never.',
      example: '3',
      default: String(limits.sameFailuresDefault),
      fallback: limits.sameFailuresDefault,
    },
  },
  sandbox: {
    mode: {
      type: 'isolation',
      doc: 'Whether agents and gates are isolated: where it can be done (`auto`), or nothing runs without it (`required`), or not (`off`).',
      example: '"auto"',
      default: '`auto`',
      fallback: 'auto',
      variable: 'GUMP_SANDBOX',
      option: '--sandbox',
    },
    read: {
      type: 'paths',
      doc: "Further files and folders that agents and gates may read; what lies in your home is found in theirs by the same name, for example a package manager's settings.",
      example: '["~/.npmrc"]',
      default: 'none',
    },
    write: {
      type: 'paths',
      doc: 'The same for what they may also write, for example a cache or the login of an agent of your own.',
      example: '["~/.cache/my-agent"]',
      default: 'none',
    },
  },
  agent: agentFields,
  gateway: gatewayFields,
  github: {
    workflow: {
      type: 'name',
      doc: 'The workflow that runs on GitHub where neither label nor command names one.',
      example: '"implement-spec"',
      default: `\`${defaultWorkflow}\``,
      fallback: defaultWorkflow,
    },
    base: {
      type: 'name',
      doc: 'The branch that runs on GitHub start on and merge into.',
      example: '"main"',
      default: 'the default branch',
    },
    label: {
      type: 'text',
      doc: 'The label of issues that are for gump.',
      example: '"gump"',
      default: '`gump`',
      reserved: 'the label is `gump`, or `gump:<workflow>`',
    },
  },
} as const satisfies Record<string, Readonly<Record<string, Field>>>;

type Table = typeof fields;
export type Section = keyof Table;
export type KeyOf<S extends Section> = keyof Table[S] & string;
export type TypeOf<S extends Section, K extends KeyOf<S>> = Table[S][K] extends {
  readonly type: infer T extends FieldType;
}
  ? T
  : never;

/** In the order of the reference. */
export const sections = Object.keys(fields) as readonly Section[];

/** What a section is called in a file and in messages. */
export const sectionNames: Readonly<Record<Section, string>> = {
  root: 'the top of the file',
  validation: '[validation]',
  budget: '[budget]',
  error_context: '[error_context]',
  breaker: '[breaker]',
  sandbox: '[sandbox]',
  agent: '[agents.<name>]',
  gateway: '[gateway.<name>]',
  github: '[github]',
};

export const sectionDocs: Readonly<Record<Section, string>> = {
  root: 'Before the first table.',
  validation:
    "The project's own commands, for gates. They are read from the commit that the run started on; those of the user's file hold where the project says none.",
  budget:
    'Limits of a run where neither the command nor the workflow says one. A variable of the environment counts as if its option had been typed: it stands before the workflow.',
  error_context: 'How much a retry is told.',
  breaker: 'When a step stops trying the same again.',
  sandbox:
    'Read from your own file, and on GitHub from the default branch. The file of a project that you run on your machine can only say `mode = "required"`.',
  agent: 'Agents of your own, and what `gump models` shows of the others; one table for each name.',
  gateway:
    "Services of models of your own: a company's gateway, Azure, a proxy for Bedrock or Vertex, Ollama. Agents choose one by `upstream`. Such a table says where a key goes, so it is read from your own file, and on GitHub from the default branch; the file of a project that you run on your machine can only name one.",
  github: 'Read from the default branch.',
};

/** Tables of a file: every section but the top. */
export const tableNames: Readonly<Record<string, Section>> = {
  validation: 'validation',
  budget: 'budget',
  error_context: 'error_context',
  breaker: 'breaker',
  sandbox: 'sandbox',
  agents: 'agent',
  gateway: 'gateway',
  github: 'github',
};

/** What Gump's own files may say and nothing here acts on. */
export const foreignKeys: Readonly<Record<string, string>> = {
  log_level: '`--verbose` shows more',
  display: '`--verbose` shows more',
  analytics: 'nothing is sent to anybody',
  update: 'nothing looks for a newer version',
};

/** The field of a key, by its name or its alias, with the name; null where the section has no such key. */
export function fieldOf(
  section: Section,
  key: string,
): { readonly name: string; readonly field: Field } | null {
  const known: Readonly<Record<string, Field>> = fields[section];
  if (Object.hasOwn(known, key)) return { name: key, field: known[key] as Field };
  const found = Object.entries(known).find(([, { alias }]) => alias === key);
  return found ? { name: found[0], field: found[1] } : null;
}

/** The keys of a section, in the table's order. */
export function keysOf(section: Section): readonly string[] {
  return Object.keys(fields[section]);
}

/** Sections that are one table for each name, and what stands before the name: `[agents.<name>]`. */
export const namedTables = { agent: 'agents', gateway: 'gateway' } as const satisfies Partial<
  Record<Section, string>
>;
export type NamedSection = keyof typeof namedTables;

export function isNamed(section: Section): section is NamedSection {
  return Object.hasOwn(namedTables, section);
}
