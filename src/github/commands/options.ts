/** The options of commands, `name=value`: one rule each. Pure. */
import { limits } from '../../limits.ts';
import { dollarsOf, isBranchName, shown, unknown } from './names.ts';

/** Null: not given. Values are checked: none can be an option of git, a path outside or a piece of a shell line. */
export interface RunOptions {
  readonly agent: string | null;
  readonly maxBudgetUsd: number | null;
  readonly maxParallel: number | null;
  readonly base: string | null;
  readonly dryRun: boolean;
}

export const noOptions: RunOptions = {
  agent: null,
  maxBudgetUsd: null,
  maxParallel: null,
  base: null,
  dryRun: false,
};

export type OptionName = 'agent' | 'max-budget' | 'max-parallel' | 'base' | 'dry-run';

interface OptionWord {
  readonly name: string;
  /** Null: the word has no `=`. */
  readonly value: string | null;
}

/** A word as an option; null where it is none: it has no `=`, begins with no `-` and is called like none of `known`. */
export function readOption(word: string, known: readonly OptionName[]): OptionWord | null {
  const at = word.indexOf('=');
  if (at >= 0) return { name: word.slice(0, at).toLowerCase(), value: word.slice(at + 1) };
  const name = word.toLowerCase();
  return word.startsWith('-') || known.some((one) => one === name) ? { name, value: null } : null;
}

/** The options with this one, or the sentence that says why not. */
export function applyOption(
  options: RunOptions,
  { name, value }: OptionWord,
  { verb, known }: { readonly verb: string; readonly known: readonly OptionName[] },
): { readonly options: RunOptions } | { readonly problem: string } {
  const rule = known.some((one) => one === name) && isOption(name) ? optionRules[name] : null;
  if (!rule) return { problem: unknownOption(name, verb, known) };
  const given = value === '' && name === 'dry-run' ? null : (value ?? (name === 'dry-run' ? '' : null));
  const read = given === null ? null : rule.read(given);
  if (read) return { options: { ...options, ...read } };
  const got = value === null || value === '' ? 'it has no value' : `it was ${shown(value)}`;
  return { problem: `The option \`${name}=\` takes ${rule.expected}; ${got}.` };
}

function unknownOption(name: string, verb: string, known: readonly OptionName[]): string {
  if (known.length === 0) return `\`/gump ${verb}\` takes no options; it was given ${shown(name)}.`;
  if (!isOption(name)) return unknown('option', name, known);
  return `\`/gump ${verb}\` does not take \`${name}=\`. It takes: ${known.map((one) => `\`${one}\``).join(', ')}.`;
}

function isOption(name: string): name is OptionName {
  return Object.hasOwn(optionRules, name);
}

interface OptionRule {
  readonly expected: string;
  /** Null: the value is not one that this option takes. */
  readonly read: (value: string) => Partial<RunOptions> | null;
}

const optionRules: Readonly<Record<OptionName, OptionRule>> = {
  agent: {
    expected: 'the name of an agent, for example `claude-sonnet`',
    read: (value) => (/^[A-Za-z0-9][\w.:/-]{0,63}$/.test(value) ? { agent: value } : null),
  },
  'max-budget': {
    expected: 'an amount in US dollars above 0, for example `20.00`',
    read: (value) => {
      const maxBudgetUsd = dollarsOf(value);
      return maxBudgetUsd === null ? null : { maxBudgetUsd };
    },
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
