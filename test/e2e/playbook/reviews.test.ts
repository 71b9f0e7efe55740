/** `freeform`, `address-review` and the validators that ship: who judges, on what, and what becomes of a bad judge. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTheatre, specText, type Theatre } from './theatre.ts';

let theatre: Theatre;
beforeAll(async () => {
  theatre = await openTheatre();
});
afterAll(() => theatre.close());

test.concurrent('freeform: one conversation, three attempts, each told what the gates said', async () => {
  const { status, reason, trace, launches, told } = await theatre.play({
    workflow: 'freeform',
    rules: ['freeform/fails'],
  });
  expect(status).toBe('fail');
  expect(launches).toEqual(['do#1 claude-opus new', 'do#2 claude-opus resume', 'do#3 claude-opus resume']);
  expect(trace.filter((line) => line.includes('gate '))).toEqual([
    '[do]                         gate     compile ✗  lint ✓  test ✗',
    '[do]                         gate     compile ✓  lint ✗  test ✓',
    '[do]                         gate     compile ✓  lint ✓  test ✗',
  ]);
  expect(told('do')).toContain(specText.trim());
  expect(told('do', 2)).toContain('SyntaxError');
  expect(told('do', 3)).toContain('src/mean.js:1:');
  expect(reason).toMatch(/4 !== 3|Expected values to be strictly equal/);
});

test.concurrent('address-review: a forgotten comment and a broken test go back; afresh every comment has its answer', async () => {
  const { status, reason, events, trace, launches, told, changed } = await theatre.play({
    workflow: 'address-review',
    rules: ['address-review/answers-half', 'address-review/passes'],
  });
  expect(status, reason).toBe('pass');
  expect(launches.filter((line) => line.startsWith('answer#'))).toEqual([
    'answer#1 claude-sonnet new',
    'answer#2 claude-sonnet resume',
    'answer#3 claude-opus new',
  ]);
  expect(trace.filter((line) => /^\[answer\] +gate/.test(line))).toEqual([
    '[answer]                     gate     compile ✓  lint ✓  test ✓  review ✗',
    '[answer]                     gate     compile ✓  lint ✓  test ✗  review ✓',
    '[answer]                     gate     compile ✓  lint ✓  test ✓  review ✓',
  ]);
  expect(told('answer')).toContain(specText.trim());
  expect(told('answer', 2)).toContain('The comment on the mean of nothing is not answered.');
  // The judge sees the review, the answers as claims, and the change.
  const judged = told('answer/review/review', 3);
  for (const part of [specText.trim(), '"mean of nothing": done in src/mean.js:3', '+++ b/src/mean.js'])
    expect(judged).toContain(part);
  const last = events.findLast((event) => event.type === 'agent_completed' && event.step === 'answer');
  expect(last).toMatchObject({ output: expect.stringContaining('"why a loop?": answer: ') });
  expect(Object.keys(await changed())).toEqual(['src/mean.js', 'test/mean-of-nothing.test.js']);
});

test.concurrent('address-review: a comment that stays unanswered ends the run at the fourth attempt', async () => {
  const { status, reason, launches } = await theatre.play({
    workflow: 'address-review',
    rules: ['address-review/never'],
  });
  expect([status, reason]).toEqual(['fail', expect.stringContaining('mean of nothing is not answered')]);
  expect(launches.filter((line) => line.startsWith('answer#')).map((line) => line.split(' ')[1])).toEqual([
    'claude-sonnet',
    'claude-sonnet',
    'claude-opus',
    'claude-opus',
  ]);
});

const judged = `name: judged
steps:
  - name: make
    type: code
    prompt: "Do {spec}"
    agent: claude-sonnet
    gate:
${['arch', 'correctness', 'security']
  .map(
    (name) =>
      `      - validate: validators/${name}-review\n        diff: "{diff}"\n        spec: "{spec}"\n        agent: claude-opus\n`,
  )
  .join('')}`;

test.concurrent('the three validators stand side by side under their full names, each told change and spec', async () => {
  const { status, reason, trace, launches, told } = await theatre.play({
    workflow: 'judged',
    rules: ['validators/passes'],
    files: { '.gump/workflows/judged.yaml': judged },
  });
  expect(status, reason).toBe('pass');
  expect(trace).toContain(
    '[make]                       gate     arch-review ✓  correctness-review ✓  security-review ✓',
  );
  for (const name of ['arch', 'correctness', 'security']) {
    const prompt = told(`make/${name}-review/review`);
    for (const part of [specText.trim(), '+++ b/README.md', '# End of the material', '"pass": true or false'])
      expect(prompt).toContain(part);
  }
  expect(launches.slice(1).every((line) => line.endsWith('#1 claude-opus new'))).toBe(true);
});

test.concurrent('a judge that writes, gives no verdict or gives no reason has not judged: each gate fails, nothing of it stays', async () => {
  const { status, reason, trace, changed } = await theatre.play({
    workflow: 'judged',
    rules: ['validators/bad-judges', 'validators/passes'],
    files: { '.gump/workflows/judged.yaml': judged },
  });
  expect(status).toBe('fail');
  expect(trace).toContain(
    '[make]                       gate     arch-review ✗  correctness-review ✗  security-review ✗',
  );
  for (const part of [
    'README.md',
    'no verdict could be read: it is no JSON',
    'the verdict is negative and has no "comments" that say why',
  ])
    expect(reason).toContain(part);
  expect(await changed()).toEqual({ 'README.md': '# Figures\n\nFor numbers.' });
});
