import { expect, test } from 'vitest';
import { copiesOn, githubView } from '../../src/github/outgoing/view.ts';
import { renderMarkdown } from '../../src/report/markdown.ts';
import { summarize } from '../../src/report/summarize.ts';
import { renderText } from '../../src/report/text.ts';
import { planOf } from '../engine/given.ts';
import { play, type World } from '../engine/world.ts';

/** Calls as a step, as a task's body, in front of a step and in a validator; a split and a step side by side. */
const steps = `  - {name: setup, workflow: prepare}
  - name: side
    parallel: true
    steps:
      - name: plan
        type: split
        parallel: true
        prompt: p
        agent: claude
        gate: [schema]
        each:
          - {name: work, workflow: implement}
      - {name: doc, type: code, prompt: p, agent: codex, gate: [lint]}
  - {name: sum, type: code, prompt: p, agent: claude, workflow: prepare, gate: [{validate: validators/whole}]}
`;
const called = {
  prepare: '  - {name: look, type: code, prompt: p, agent: claude, gate: [lint]}',
  implement: `  - name: cut
    type: split
    prompt: p
    agent: claude
    gate: [schema]
    each:
      - {name: make, type: code, prompt: p, agent: claude, gate: [test]}
`,
  'validators/whole':
    '  - {name: ask, workflow: prepare}\n  - {name: judge, type: validate, prompt: p, agent: claude}\n',
};
const plan = planOf(steps, { called, calledRoots: { prepare: 'max_budget: 1' } });

/** Every agent spends ten cents; each split makes two tasks, each code step changes a file of its own. */
const world: World = {
  agent: ({ path }) => ({
    costPerTurnUsd: 0.1,
    turns: 1,
    tasks: ['one', 'two'].map((name) => ({ name, description: name })),
    changes: [path.replaceAll('/', '_')],
  }),
};
const whole = play(plan, world).events;
const conflicting = play(plan, {
  ...world,
  conflicts: ({ path, branch }) => path === 'side' && branch === 'doc',
}).events;
const dear = play(plan, {
  ...world,
  agent: (effect) => ({ ...world.agent?.(effect), costPerTurnUsd: effect.path === 'setup/look' ? 2 : 0.1 }),
}).events;

const makes = [1, 2].flatMap((outer) =>
  [1, 2].map((inner) => `side/plan/task-${outer}/work/cut/task-${inner}/make`),
);

test('the report has every step of calls and groups where it stands, what was got first in front of who got it', () => {
  const summary = summarize(plan, whole);
  const worked = summary.steps.filter(({ attempts }) => attempts.length > 0).map(({ shown }) => shown);
  expect(worked.toSorted()).toEqual(
    [
      ...['setup/look', 'side/plan', 'side/doc', 'sum/get/look', 'sum'],
      ...['side/plan/task-1/work/cut', 'side/plan/task-2/work/cut', ...makes],
    ].toSorted(),
  );
  expect(worked.slice(-2)).toEqual(['sum/get/look', 'sum']);
  expect(summary.tasks.map(({ shown, status }) => `${shown} ${status}`)).toContain(
    'side/plan/task-2/work/cut/task-1 pass',
  );
  const spent = summary.steps.reduce((sum, { costUsd }) => sum + costUsd, 0);
  expect(spent).toBeCloseTo(summary.costUsd, 6);
  expect(summary.steps.find(({ path }) => path === 'sum')?.costUsd).toBeCloseTo(0.3, 6);
  expect(summary.status).toBe('pass');
});

test('a child of a group that does not fit is shown as failed, with the reason, and what failed of it only once', () => {
  const summary = summarize(plan, conflicting);
  const text = renderText(summary);
  expect(text).toContain('\n  ✗  side/doc  $0.10\n      conflict\n      ✓  1  codex');
  expect(text).not.toContain('\n  ✗  side  ');
  expect(renderMarkdown(summary)).toContain('<details><summary>side/doc</summary>\n\n```text\nconflict\n```');
  expect(summary.steps.filter(({ status }) => status === 'fail').map(({ shown }) => shown)).toEqual([
    'side',
    'side/doc',
  ]);
});

test('a call over its own limit is told with the limit, and the step inside with why it was ended', () => {
  const summary = summarize(plan, dear);
  expect(summary.notices).toEqual(['setup: budget exceeded: $2.00 of $1.00']);
  const failed = summary.steps
    .filter(({ status }) => status === 'fail')
    .map(({ shown, reason }) => [shown, reason]);
  expect(failed).toContainEqual(['setup', expect.stringContaining('$2.00 of $1.00')]);
  expect(renderText(summary)).toContain('\n  ✗  setup/look  $2.00\n      ✗  1  claude');
});

test('checks have the names that the trace has, in calls and groups too, tasks by their number', () => {
  const view = githubView(plan, whole);
  expect(view.checks.map(({ name }) => name).toSorted()).toEqual(
    [
      ...['setup/look/lint', 'side/plan/schema', 'side/doc/lint', 'sum/get/look/lint', 'sum/whole'],
      ...[1, 2].map((outer) => `side/plan/task-${outer}/work/cut/schema`),
      ...makes.map((make) => `${make}/test`),
      'sum/whole/ask/look/lint',
    ]
      .map((path) => `gump / ${path.replaceAll('/', ' / ')}`)
      .toSorted(),
  );
  for (const { name, shown } of view.checks) expect(name).toContain(shown.replaceAll('/', ' / '));
  expect(view.conclusion).toBe('success');
});

test("the line has the commits of calls on the run's own line, of branches side by side only the merges", () => {
  const view = githubView(plan, whole);
  const completed = whole.flatMap((event) => (event.type === 'agent_completed' ? [event] : []));
  const commitsOf = (path: string) =>
    completed.filter(({ step }) => step === path).map(({ commit }) => commit);
  const outer = whole.flatMap((event) =>
    event.type === 'task_merged' && event.step === 'side' ? [event.commit] : [],
  );
  expect(outer).toHaveLength(2);
  expect(view.line).toEqual([
    'b0',
    ...commitsOf('setup/look'),
    ...outer,
    ...commitsOf('sum/get/look'),
    ...commitsOf('sum'),
  ]);
  const head = view.line.at(-1) ?? '';
  const copies = copiesOn(plan, view, head, 'step').map(({ name }) => name);
  expect(copies).toContain('gump / side / plan / task-1 / work / cut / task-2 / make');
  expect(copies).not.toContain('gump / sum');
});
