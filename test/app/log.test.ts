import { expect, test } from 'vitest';
import { createLog, type LogOptions } from '../../app/log.ts';

function logged(options: Partial<LogOptions>, say: (log: ReturnType<typeof createLog>) => void): string[] {
  const lines: string[] = [];
  say(createLog({ secrets: [], write: (line) => void lines.push(line), ...options }));
  return lines;
}

test('each line is one JSON object with time, level and message', () => {
  const [line = '', ...more] = logged({}, (log) => log.warn('two\nlines', { of: 1 }));
  expect(more).toEqual([]);
  expect(line).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(line)).toMatchObject({ level: 'warn', message: 'two\nlines', of: 1 });
  expect(Date.parse(JSON.parse(line).time)).toBeGreaterThan(0);
});

test('what is below the level is left out', () => {
  const say = (log: ReturnType<typeof createLog>): void => {
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level](level);
  };
  expect(logged({}, say)).toHaveLength(3);
  expect(logged({ level: 'debug' }, say)).toHaveLength(4);
  expect(logged({ level: 'error' }, say)).toHaveLength(1);
});

test('for people a line is a line, whatever others have said', () => {
  const [line] = logged({ format: 'text' }, (log) => log.info('a "b"\n\u001b[31m', { event: 'x\ny' }));
  expect(line).toMatch(/^\d\d:\d\d:\d\d info {2}a "b"\\n\\u001b\[31m event="x\\ny"\n$/);
});

test.each(['json', 'text'] as const)('no secret stands in it (%s)', (format) => {
  const secrets = ['planted "secret"', 'line one\nline two'];
  const [line] = logged({ format, secrets }, (log) => log.info(`with ${secrets[0]}`, { key: secrets[1] }));
  expect(line).not.toMatch(/planted|line one/);
});
