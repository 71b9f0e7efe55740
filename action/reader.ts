/** Single inputs as the runner hands them over: each with what it may be, and a problem where it is something else. */
import { nearest } from '../src/index.ts';
import { readOrder } from './order.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Reader {
  readonly problems: string[];
  /** Null: not given or empty. */
  text(name: string): string | null;
  /** Null too where it is none of them; then, as below, a problem says what the input takes. */
  choice<T extends string>(name: string, known: readonly T[]): T | null;
  /** `expected`: as `takes …` goes on. */
  matching(name: string, test: (value: string) => boolean, expected: string): string | null;
  number(name: string, test: (value: string) => boolean, expected: string): number | null;
}

/** Reads `INPUT_<NAME>`, and what the input `order` says of inputs that are not given by themselves. */
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

/** As a problem may show it: one line that steers nothing, and no longer than is read. */
export function shown(value: string): string {
  const line = value.replace(/[^\x20-\x7e]/g, '?').replaceAll('`', "'");
  return `\`${line.length > 80 ? `${line.slice(0, 80)}…` : line}\``;
}
