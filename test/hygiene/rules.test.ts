import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, test } from 'vitest';
import { chapters } from '../workflow/rules.ts';

const tests = resolve(import.meta.dirname, '..');
const rules = chapters.flatMap(({ title, rules: list }) => list.map((rule) => ({ ...rule, chapter: title })));

/** The text of a test file with the quotes of its titles as they are said. */
function textOf(file: string): string {
  const path = join(tests, file);
  return existsSync(path) ? readFileSync(path, 'utf8').replaceAll("\\'", "'").replaceAll('\\`', '`') : '';
}

test('every rule of the language is proven by tests that are there, under the titles that the list names', () => {
  const texts = new Map<string, string>();
  const missing = rules.flatMap(({ proof }) =>
    proof.filter((one) => {
      const [file = '', title = ''] = one.split(/ > (.*)/s);
      if (!texts.has(file)) texts.set(file, textOf(file));
      return !["'", '"', '`'].some((quote) => texts.get(file)?.includes(quote + title + quote));
    }),
  );
  expect(missing).toEqual([]);
});

test('no rule of the language is without a proof, and none stands twice', () => {
  expect(rules.filter(({ proof }) => proof.length === 0).map(({ rule }) => rule)).toEqual([]);
  expect(new Set(rules.map(({ rule }) => rule)).size).toBe(rules.length);
  expect(rules.length).toBeGreaterThan(130);
  expect(chapters).toHaveLength(10);
});
