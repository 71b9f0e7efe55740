/** Reads `/gump <verb> [arguments]` from the first line of a comment. Pure: text in, data out. */
import { nearest } from '../diagnostic.ts';
import { limits } from '../limits.ts';

export const verbs = [
  'run',
  'plan',
  'status',
  'stop',
  'resume',
  'replay',
  'approve',
  'reject',
  'fix',
  'budget',
  'spec',
  'report',
  'help',
] as const;

export type Verb = (typeof verbs)[number];

/** Null: not given. Values are checked: none can be an option of git, a path outside or a piece of a shell line. */
export interface RunOptions {
  readonly agent: string | null;
  readonly maxBudgetUsd: number | null;
  readonly maxParallel: number | null;
  readonly base: string | null;
  readonly dryRun: boolean;
}

export interface Command {
  /** Null: a verb that is not known; `problems` names the nearest. */
  readonly verb: Verb | null;
  /** Of `run`; null where the default is meant. */
  readonly workflow: string | null;
  readonly options: RunOptions;
  /** What stands behind the other verbs, as written; empty where nothing does. */
  readonly argument: string;
  /** One sentence each, safe to show; a command with a problem must not be carried out. */
  readonly problems: readonly string[];
}

const noOptions: RunOptions = {
  agent: null,
  maxBudgetUsd: null,
  maxParallel: null,
  base: null,
  dryRun: false,
};

/**
 * The command that a comment's first line is, or null where it is none: no `/gump` at its very beginning, or the
 * line is quoted, indented as code (four spaces or a tab) or the opening of a fenced block.
 */
export function parseCommand(body: string): Command | null {
  const line = (body.split(/\r\n|\r|\n/, 1)[0] ?? '').slice(0, limits.commandCharactersMax);
  const match = /^ {0,3}\/gump(?:\s+(.*))?$/u.exec(line);
  if (!match) return null;
  const words = (match[1] ?? '').trim().split(/\s+/).filter(Boolean);
  const [first = 'help', ...rest] = words;
  const verb = verbs.find((known) => known === first.toLowerCase()) ?? null;
  const blank = { workflow: null, options: noOptions, argument: rest.join(' '), problems: [] };
  if (verb === null) return { ...blank, verb, problems: [unknown('command', first, verbs)] };
  return verb === 'run' ? parseRun(rest) : { ...blank, verb };
}

/** True for a name that may stand in a path, a branch and a label: `implement-spec`, `team/review`. */
export function isWorkflowName(name: string): boolean {
  return name.length <= 128 && /^[A-Za-z0-9][\w-]{0,63}(?:\/[A-Za-z0-9][\w-]{0,63}){0,3}$/.test(name);
}

function parseRun(words: readonly string[]): Command {
  const problems: string[] = [];
  let workflow: string | null = null;
  let options = noOptions;
  const seen = new Set<string>();
  for (const word of words) {
    const option = readOption(word);
    if (option === null) {
      if (workflow !== null)
        problems.push(`More than one workflow is named: ${shown(workflow)} and ${shown(word)}.`);
      else if (isWorkflowName(word)) workflow = word;
      else problems.push(`${shown(word)} cannot be the name of a workflow (letters, digits, \`_\`, \`-\`).`);
      continue;
    }
    const result = applyOption(options, option);
    if ('problem' in result) problems.push(result.problem);
    else if (seen.has(option.name)) problems.push(`The option ${shown(option.name)} is given twice.`);
    else options = result.options;
    seen.add(option.name);
  }
  return { verb: 'run', workflow, options, argument: words.join(' '), problems };
}

interface OptionWord {
  readonly name: string;
  /** Null: the word has no `=`. */
  readonly value: string | null;
}

function readOption(word: string): OptionWord | null {
  const at = word.indexOf('=');
  if (at >= 0) return { name: word.slice(0, at).toLowerCase(), value: word.slice(at + 1) };
  const isFlag = word.startsWith('-') || Object.hasOwn(optionRules, word.toLowerCase());
  return isFlag ? { name: word.toLowerCase(), value: null } : null;
}

interface OptionRule {
  readonly expected: string;
  /** Null: the value is not one that this option takes. */
  readonly read: (value: string) => Partial<RunOptions> | null;
}

const optionRules: Readonly<Record<string, OptionRule>> = {
  agent: {
    expected: 'the name of an agent, for example `claude-sonnet`',
    read: (value) => (/^[A-Za-z0-9][\w.:/-]{0,63}$/.test(value) ? { agent: value } : null),
  },
  'max-budget': {
    expected: 'an amount in US dollars above 0, for example `20.00`',
    read: (value) =>
      /^\d{1,6}(\.\d{1,2})?$/.test(value) && Number(value) > 0 ? { maxBudgetUsd: Number(value) } : null,
  },
  'max-parallel': {
    expected: `a whole number from 1 to ${limits.tasksMax}`,
    read: (value) =>
      /^\d{1,3}$/.test(value) && Number(value) >= 1 && Number(value) <= limits.tasksMax
        ? { maxParallel: Number(value) }
        : null,
  },
  base: {
    expected: 'the name of a branch, for example `main`',
    read: (value) => (isBranchName(value) ? { base: value } : null),
  },
  'dry-run': {
    expected: '`true`, `false` or nothing',
    read: (value) =>
      value === '' || value === 'true' ? { dryRun: true } : value === 'false' ? { dryRun: false } : null,
  },
};

function applyOption(
  options: RunOptions,
  { name, value }: OptionWord,
): { readonly options: RunOptions } | { readonly problem: string } {
  const rule = Object.hasOwn(optionRules, name) ? optionRules[name] : undefined;
  if (!rule) return { problem: unknown('option', name, Object.keys(optionRules)) };
  const given = value === '' && name === 'dry-run' ? null : (value ?? (name === 'dry-run' ? '' : null));
  const read = given === null ? null : rule.read(given);
  if (read) return { options: { ...options, ...read } };
  const got = value === null || value === '' ? 'it has no value' : `it was ${shown(value)}`;
  return { problem: `The option \`${name}=\` takes ${rule.expected}; ${got}.` };
}

/** Branch names that git accepts everywhere and that can never be read as an option or as two words. */
export function isBranchName(name: string): boolean {
  return (
    name.length <= 200 &&
    /^[A-Za-z0-9_][\w./-]*$/.test(name) &&
    !/\.\.|\/\/|\/\.|[./]$|\.lock(\/|$)/.test(name)
  );
}

function unknown(what: 'command' | 'option', word: string, known: readonly string[]): string {
  const near = nearest(word.replace(/^-+/, ''), known);
  const list = known.map((name) => `\`${name}\``).join(', ');
  return `There is no ${what} ${shown(word)}${near ? `; did you mean \`${near}\`?` : `. There are: ${list}.`}`;
}

/** What somebody wrote, made harmless for a comment of ours: printable ASCII in a code span, cut. */
function shown(word: string): string {
  const plain = word.replace(/[^\x21-\x7e]|`/g, '?');
  return `\`${plain.length > 40 ? `${plain.slice(0, 40)}…` : plain}\``;
}
