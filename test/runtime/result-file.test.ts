import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { planOf } from '../engine/given.ts';
import type { Acting } from './fakes.ts';
import { open } from './given.ts';

const judge = planOf('  - {name: judge, type: validate, prompt: p, agent: claude, retry: [{exit: 2}]}');
const good = '{"pass":true}';

async function reasonOf(agent: Acting): Promise<string | null> {
  const made = open(judge, { agent });
  return (await made.run()).steps.judge?.reason ?? null;
}

test('the result is taken from the file where the agent could not give it otherwise', async () => {
  const reason = await reasonOf(({ resultFile }) => {
    writeFileSync(resultFile, good);
    return { output: 'I wrote it down.' };
  });
  expect(reason).toBeNull();
});

test.each(['[done] see the file', '{not json'])(
  'text that only looks like JSON (%s) does not hide the file',
  async (output) => {
    const reason = await reasonOf(({ resultFile }) => {
      writeFileSync(resultFile, good);
      return { output };
    });
    expect(reason).toBeNull();
  },
);

test('the structured output comes before the file', async () => {
  const reason = await reasonOf(({ resultFile }) => {
    writeFileSync(resultFile, '{"pass":false,"comments":"from the file"}');
    return { output: good };
  });
  expect(reason).toBeNull();
});

test('a link in place of the file is not followed', async () => {
  const reason = await reasonOf(({ resultFile, cwd }) => {
    writeFileSync(join(cwd, '..', 'planted.json'), good);
    symlinkSync(join(cwd, '..', 'planted.json'), resultFile);
    return { output: 'see the file' };
  });
  expect(reason).toContain('no verdict could be read');
});

test('a folder in place of the file is no result', async () => {
  const reason = await reasonOf(({ resultFile }) => {
    mkdirSync(resultFile);
    return { output: 'see the file' };
  });
  expect(reason).toContain('no verdict could be read');
});

test('a file that is too large is no result', async () => {
  const reason = await reasonOf(({ resultFile }) => {
    writeFileSync(resultFile, good + ' '.repeat(1_100_000));
    return { output: 'see the file' };
  });
  expect(reason).toContain('no verdict could be read');
});

test('a verdict that was there before the attempt started can never be read', async () => {
  const reason = await reasonOf(({ resultFile, attempt, step }) => {
    if (attempt === 2) return { output: 'nothing new' };
    writeFileSync(resultFile, good);
    const next = join(resultFile, '..', '..', `${step}#2`);
    mkdirSync(next);
    writeFileSync(join(next, 'result.json'), good);
    return { outcome: 'error', error: 'crashed' };
  });
  expect(reason).toContain('no verdict could be read');
});
