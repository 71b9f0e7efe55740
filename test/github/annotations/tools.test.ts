import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { annotationsOfLog } from '../../../src/github/annotations/log.ts';

const dir = join(import.meta.dirname, '../../fixtures/tool-output');
const names = readdirSync(dir).flatMap((file) => (file.endsWith('.log') ? [file.slice(0, -4)] : []));
const read = (file: string) => readFileSync(join(dir, file), 'utf8');

/** What the step had changed. */
const known = [
  ...[
    'src/greeting.ts',
    'src/greeting.js',
    'test/greeting.test.ts',
    'test/greeting.test.js',
    'test/plain.node.js',
  ],
  ...['mo/greeting.test.js', 'tests/test_greeting.py', 'pkg/greet/greet.go', 'cmd/main.go', 'src/lib.rs'],
  ...['src/main.c', 'src/link.c'],
];

const remarks = (log: string): readonly string[] =>
  annotationsOfLog(log, known).map(
    ({ path, line, endLine, column, level, message }) =>
      `${path}:${line}${endLine > line ? `-${endLine}` : ''}${column === null ? '' : `:${column}`} ${level} ${JSON.stringify(message)}`,
  );

describe('what tools print becomes remarks on lines', () => {
  test.each(names)('%s', (name) => {
    const expected = read(`${name}.expected`).split('\n').filter(Boolean);
    expect(expected.length).toBeGreaterThan(0);
    expect(remarks(read(`${name}.log`))).toEqual(expected);
  });

  test.each(names)('%s, with line ends of Windows and behind other output', (name) => {
    const expected = read(`${name}.expected`).split('\n').filter(Boolean);
    const log = `> app@1.0.0 check\n> the command\n\n${read(`${name}.log`)}\nnpm error code 1\n`;
    expect(remarks(log.replaceAll('\n', '\r\n'))).toEqual(expected);
  });
});

test('several tools in one log are told of together, each remark once', () => {
  const all = ['tsc', 'eslint-stylish', 'vitest', 'tsc'].map((name) => read(`${name}.log`)).join('\n');
  const expected = ['tsc', 'eslint-stylish', 'vitest'].flatMap((name) =>
    read(`${name}.expected`).split('\n').filter(Boolean),
  );
  expect([...remarks(all)].sort()).toEqual([...expected].sort());
});
