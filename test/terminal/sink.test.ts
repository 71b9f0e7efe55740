import { expect, test } from 'vitest';
import { createTraceSink } from '../../src/terminal/sink.ts';
import { record } from '../events/record.ts';
import { ended, gate, referenceRun } from '../report/facts.ts';
import { implementSpec } from '../report/plan.ts';

function written(colour: boolean, from = 0): string {
  let text = '';
  const sink = createTraceSink({ colour, write: (more) => (text += more) });
  const events = record(referenceRun());
  void sink.open(implementSpec(), events.slice(0, from));
  for (const event of events.slice(from)) sink.event(event);
  return text;
}

test('without colour the bytes are text and line ends only', () => {
  const text = written(false);
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  expect(text).toMatch(/^\[decompose\] {18}running {2}\(claude-opus\)\n/);
  expect(text.endsWith('\n\nRun completed: pass  duration: 12m34s  cost: $8.42\n')).toBe(true);
});

test('colour adds to the same text and takes nothing away', () => {
  const text = written(true);
  expect(text).toContain('\x1b[32m✓\x1b[0m');
  expect(text).toContain('\x1b[31m✗\x1b[0m');
  expect(text.startsWith('\x1b[2m[decompose]\x1b[0m')).toBe(true);
  expect(text).toContain('\x1b[2m[decompose]\x1b[0m                  \x1b[32mpass\x1b[0m     3 tasks');
  expect(text).toContain('\x1b[33mretry\x1b[0m    attempt 2');
  expect(text).toContain('Run completed: \x1b[32mpass\x1b[0m  duration');
  expect(text.replace(/\x1b\[\d+m/g, '')).toBe(written(false));
});

test('a resumed run goes on with the numbers of its tasks and tells nothing twice', () => {
  const events = record(referenceRun());
  const from = events.findIndex((event) => event.type === 'retry_triggered');
  const rest = written(false, from);
  expect(rest.startsWith('[build/task-1/converge]      retry    attempt 2 — prompt override\n')).toBe(true);
  expect(written(false).endsWith(rest)).toBe(true);
});

test('a terminal that has gone silences the trace and nothing else', async () => {
  let calls = 0;
  const sink = createTraceSink({
    colour: false,
    write: () => {
      calls += 1;
      throw new Error('EPIPE');
    },
  });
  void sink.open(implementSpec(), []);
  for (const event of record([...gate('quality', 'compile ✓'), ended('quality', 'pass')])) sink.event(event);
  for (const event of record([ended('quality', 'pass')])) sink.event(event);
  await sink.close();
  expect(calls).toBe(1);
});
