/** How each type of value is written: in words for people, in words and patterns that readers and schema share. */
import { limits } from '../limits.ts';
import { durationPattern } from './duration.ts';
import { type FieldType, stepTypes } from './fields.ts';
import { namePattern, nameRule } from './step-name.ts';

export interface Form {
  /** For the reference and for editors, in front of `oneOf`. */
  readonly words: string;
  /** Where only these words are possible. */
  readonly oneOf?: readonly string[];
  /** What the text has to match as a whole. */
  readonly pattern?: string;
}

const worktrees = ['read-write', 'read-only', 'none'] as const;

export const forms = {
  title: { words: `one line of text, at most ${limits.titleCharactersMax} characters` },
  name: { words: `a name: ${nameRule}`, pattern: namePattern.source },
  kind: { words: 'one of', oneOf: stepTypes },
  text: { words: 'text' },
  usd: { words: 'an amount in USD greater than 0, such as `20.00`' },
  count: { words: 'a whole number greater than 0' },
  duration: { words: 'a duration such as `90s`, `30m`, `2h` or `1h30m`', pattern: durationPattern.source },
  boolean: { words: '`true` or `false`' },
  percent: { words: 'a percentage greater than 0, at most 100' },
  gate: { words: '`gate.<name>`', pattern: '^gate\\.([A-Za-z0-9_-]+)$' },
  path: { words: 'a path that stays in its folder' },
  worktree: { words: 'one of', oneOf: worktrees },
  hitl: { words: 'one of', oneOf: ['before_gate', 'after_gate'] },
  reset: { words: 'the word', oneOf: ['reset'] },
  fresh: { words: 'the word', oneOf: ['new'] },
  none: { words: 'nothing' },
  ignored: { words: 'anything' },
  prompt: { words: 'text, or `{file: path}`' },
  context: { words: 'a list of entries' },
  session: { words: '`new`, or `{from: step}`' },
  guard: { words: 'a mapping of guards' },
  gates: { words: 'a list of gates' },
  retry: { words: 'a list of entries' },
  steps: { words: 'a list of at least one step' },
  inputs: { words: 'a mapping of names to text' },
  block: { words: 'a mapping of its keys' },
} as const satisfies { readonly [T in FieldType]: Form };

/** How a value is written, with the words that are possible: for the reference and for editors. */
export function formWords(type: FieldType): string {
  const { words, oneOf }: Form = forms[type];
  return oneOf === undefined ? words : `${words} ${oneOf.map((word) => `\`${word}\``).join(', ')}`;
}
