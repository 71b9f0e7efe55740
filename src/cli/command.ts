/** A command as data: what can be typed, what it means, an example, and what performs it. */
import type { Option } from 'commander';

export interface CommandEntry {
  readonly name: string;
  readonly description: string;
  /** As commander writes them (`[run]`, `<file...>`), each with its meaning. */
  readonly arguments: readonly (readonly [string, string])[];
  readonly options: readonly Option[];
  /** Whole command lines, the most usual first. */
  readonly examples: readonly [string, ...string[]];
  /** What else its help tells, below the examples. */
  readonly notes: string | null;
  /** Prints everything that is to be said; the promise is the exit code. */
  readonly perform: (words: Words, options: unknown) => Promise<number>;
}

/** Several commands behind one word: `gump playbook list`. */
export interface CommandGroup {
  readonly name: string;
  readonly description: string;
  readonly commands: readonly CommandEntry[];
  /** The one that is meant where none is typed; absent: the group's help. */
  readonly usual?: string;
  /** The command with its words that a word may mean which is near none of the commands; null: no such. */
  readonly meant?: (word: string) => string | null;
}

/** The values of the arguments, in order; those that may repeat are arrays. */
export type Words = readonly (string | readonly string[] | undefined)[];

interface Definition<Options> {
  readonly name: string;
  readonly description: string;
  readonly arguments?: CommandEntry['arguments'];
  readonly options?: CommandEntry['options'];
  readonly examples: CommandEntry['examples'];
  readonly notes?: string;
  readonly perform: (words: Words, options: Options) => Promise<number> | number;
}

/** `Options`: the values under the names that commander gives them (`--max-budget` is `maxBudget`). */
export function defineCommand<Options>({ perform, ...definition }: Definition<Options>): CommandEntry {
  return {
    arguments: [],
    options: [],
    notes: null,
    ...definition,
    perform: async (words, options) => perform(words, options as Options),
  };
}

/** The argument at a place; null where it was not typed. */
export function wordAt(words: Words, index: number): string | null {
  const word = words[index];
  return typeof word === 'string' ? word : null;
}

/** The argument that may repeat, at a place. */
export function wordsAt(words: Words, index: number): readonly string[] {
  const word = words[index];
  return typeof word === 'object' ? word : [];
}
