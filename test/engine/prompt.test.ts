import { expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { composePrompt, promptTemplate } from '../../src/engine/prompt.ts';
import { limits } from '../../src/limits.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { placeAt, planOf } from './given.ts';
import { play, type World } from './world.ts';

const withRetry = (entries: string, exit = 3) =>
  planOf(`  - name: do
    type: code
    prompt: "build it\\n"
    agent: claude
    gate: [test]
    retry:${entries}
      - exit: ${exit}`);

const failing: World = {
  agent: ({ attempt }) => ({ output: `answer ${attempt}` }),
  gate: ({ attempt }) => ({ status: 'fail', reason: `test failed at ${attempt}` }),
};

/** Place and step right when the attempt is launched. */
function at(plan: Plan, attempt: number, path = 'do', world: World = failing) {
  const { events } = play(plan, world);
  const index = events.findIndex(
    (event) => event.type === 'agent_launched' && event.step === path && event.attempt === attempt,
  );
  const place = placeAt(plan, fold(events.slice(0, index)), path);
  if (!place.step) throw new Error('no step');
  return { place, step: place.step };
}

const prompt = (plan: Plan, attempt: number, path = 'do', world: World = failing) =>
  composePrompt({
    ...at(plan, attempt, path, world),
    rendered: 'R',
    context: [],
    resultFile: '/scratch/result.json',
    errorBytesMax: limits.errorContextBytesMax,
  });

test('an override stands alone where the conversation goes on', () => {
  const { place, step } = at(withRetry('\n      - {attempt: 2, prompt: fix it}'), 2);
  expect(promptTemplate(place, step, 'resume')).toBe('fix it');
});

test("an override stands behind the step's own prompt where the conversation is new", () => {
  const { place, step } = at(withRetry('\n      - {attempt: 2, prompt: fix it}'), 2);
  expect(promptTemplate(place, step, 'new')).toBe('build it\n\nfix it');
});

test('an override does not apply to the first attempt', () => {
  const { place, step } = at(withRetry('\n      - {attempt: 2, prompt: fix it}'), 1);
  expect(promptTemplate(place, step, 'new')).toBe('build it\n');
});

test('a retry without a prompt of its own says what was produced, why it failed, and how many attempts remain', () => {
  expect(prompt(withRetry(''), 2)).toBe(`R

## Attempt 1 failed

Your last answer was:

answer 1

It failed because:

test: test failed at 1

After this one, 1 more attempt remains.

Work in the current directory. When you have finished, say in a few sentences what you did, unless you were asked to end in another way.
`);
});

test('the last attempt is told so', () => {
  expect(prompt(withRetry(''), 3)).toContain('This is the last attempt.');
  expect(prompt(withRetry('', 5), 2)).toContain('After this one, 3 more attempts remain.');
});

test('the first attempt is told of no failure', () => {
  expect(prompt(withRetry(''), 1)).not.toContain('failed');
});

test('a retry with a prompt of its own is told why the attempt failed, where it does not quote that', () => {
  const plan = withRetry('\n      - {attempt: 2, prompt: fix it}');
  expect(prompt(plan, 2)).toMatch(
    /^R\n\n## Attempt 1 failed\n\nIt failed because:\n\ntest: test failed at 1\n\nWork/,
  );
});

test('a retry with a prompt of its own that quotes the failure gets nothing added', () => {
  const parts = at(withRetry('\n      - {attempt: 2, prompt: fix it}'), 2);
  const errorBytesMax = limits.errorContextBytesMax;
  const rendered = 'Fix this:\ntest failed at 1\n';
  const text = composePrompt({ ...parts, rendered, context: [], resultFile: 'f', errorBytesMax });
  expect(text).not.toContain('## Attempt');
});

test('long answers and failures are cut in the middle', () => {
  const long = Array.from({ length: 5_000 }, (_, index) => `line ${index} of many`).join('\n');
  const world: World = { agent: () => ({ output: long }), gate: () => ({ status: 'fail', reason: long }) };
  const text = prompt(withRetry(''), 2, 'do', world);
  expect(text.length).toBeLessThan(40_000);
  expect(text.match(/left out/g)).toHaveLength(2);
  expect(text).toContain('line 4999 of many');
});

test('a failure that no gate gave is told too', () => {
  const split = planOf(`  - name: plan
    type: split
    prompt: cut
    agent: claude
    each: [{name: do, type: code, prompt: p, agent: claude, retry: [{exit: 2}]}]`);
  const world: World = {
    agent: ({ stepKind }) =>
      stepKind === 'split'
        ? { tasks: [{ name: 'a', description: 'a', files: ['a.js'] }] }
        : { changes: ['b.js'] },
  };
  const text = prompt(split, 2, 'plan/a/do', world);
  expect(text).toContain('It failed because:\n\nchanged files outside the task "a": b.js');
  expect(text).toContain('Change only these files: a.js');
});

test('context stands under its titles behind the prompt', () => {
  const text = composePrompt({
    ...at(withRetry(''), 1),
    rendered: 'R',
    context: [{ title: 'docs/a.md', text: 'about' }],
    resultFile: 'f',
    errorBytesMax: limits.errorContextBytesMax,
  });
  expect(text.startsWith('R\n\n## docs/a.md\n\nabout\n\nWork')).toBe(true);
});

test('split and validate say what result is expected, and where it may be put', () => {
  const plan = planOf('  - {name: do, type: validate, prompt: p, agent: claude}');
  expect(prompt(plan, 1)).toContain('{"pass": true or false');
  expect(prompt(plan, 1)).toContain('write the JSON to /scratch/result.json');
  const split = planOf(
    '  - {name: do, type: split, prompt: p, agent: claude, each: [{name: x, gate: [test]}]}',
  );
  expect(prompt(split, 1)).toContain('a JSON array of tasks');
});

test('a code step in a task is told which files it may change', () => {
  const split = planOf(`  - name: plan
    type: split
    prompt: cut
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude}
      - {name: look, type: validate, prompt: p, agent: claude}`);
  const world: World = {
    agent: ({ stepKind }) =>
      stepKind === 'split'
        ? {
            tasks: [
              { name: 'a', description: 'a', files: ['src/a.js', 'test/'] },
              { name: 'b', description: 'b' },
            ],
          }
        : { changes: ['src/a.js'] },
  };
  expect(prompt(split, 1, 'plan/a/do', world)).toContain('\n\nChange only these files: src/a.js, test/\n\n');
  expect(prompt(split, 1, 'plan/a/look', world)).not.toContain('Change only these files');
  expect(prompt(split, 1, 'plan/b/do', world)).not.toContain('Change only these files');
});
