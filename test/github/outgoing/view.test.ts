import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import type { Fact } from '../../../src/events/event.ts';
import { runCommand } from '../../../src/gates/command.ts';
import { copiesOn, githubView } from '../../../src/github/outgoing/view.ts';
import { makeNode } from '../../report/plan.ts';
import {
  attempt,
  createRecorder,
  ended,
  finished,
  judged,
  made,
  planOf,
  simulate,
  started,
} from './run.fixture.ts';

const base = 'b'.repeat(40);
const one = '1'.repeat(40);
const two = '2'.repeat(40);
const path = 'decompose/piece-1/converge';
const opening: readonly Fact[] = [
  started(planOf(base)),
  { type: 'task_started', step: 'decompose', task: 'piece-1', index: 1, base },
];

function viewOf(facts: readonly Fact[], plan = planOf(base)) {
  const recorder = createRecorder();
  recorder.add(...opening, ...facts);
  return githubView(plan, recorder.events);
}

describe('check runs', () => {
  test('a gate is a check on the commit it judged, named as the trace shows it, and found by run, step, attempt and gate', () => {
    const view = viewOf([
      attempt({ step: path, attempt: 2, base, task: 'piece-1' }),
      made({ step: path, attempt: 2, commit: one }),
      ...judged({ step: path, attempt: 2, gate: 'test', commit: one }),
    ]);
    expect(view.checks).toHaveLength(1);
    expect(view.checks[0]).toMatchObject({
      name: 'gump / task-1 / converge / test',
      commit: one,
      externalId: 'r1/decompose/piece-1/converge#2/test',
      conclusion: 'success',
    });
  });

  test('what a replayed run has judged is told by that run; a replay shows it on its own head alone', () => {
    const finding = { path: 'a.js', line: 1, severity: 'error', body: 'No.' } as const;
    const view = viewOf([
      attempt({ step: path, attempt: 1, base, task: 'piece-1' }),
      made({ step: path, attempt: 1, commit: one }),
      ...judged({ step: path, attempt: 1, gate: 'test', commit: one }),
      ...judged({
        step: path,
        attempt: 1,
        gate: 'review',
        commit: one,
        verdict: 'fail',
        findings: [finding],
      }),
      { type: 'run_replayed', run: 'r1', of: 'r0', from_step: path },
      attempt({ step: path, attempt: 2, base, task: 'piece-1' }),
      made({ step: path, attempt: 2, commit: two }),
      ...judged({
        step: path,
        attempt: 2,
        gate: 'review',
        commit: two,
        verdict: 'fail',
        findings: [finding],
      }),
    ]);
    const told = view.checks.map(({ externalId, gates }) => [externalId.slice(-8), gates[0]?.inherited]);
    expect(told).toEqual([
      ['e#1/test', true],
      ['1/review', true],
      ['2/review', false],
    ]);
    expect(view.reviews.map(({ attempt: number }) => number)).toEqual([2]);
    expect(copiesOn(planOf(base), view, two, 'gate').map(({ name }) => name)).toEqual([
      'gump / task-1 / converge / test',
    ]);
  });

  test('a gate of a step outside a task is named by its step', () => {
    const view = viewOf(judged({ step: 'quality', attempt: 1, gate: 'lint', commit: one, verdict: 'skip' }));
    expect(view.checks[0]).toMatchObject({ name: 'gump / quality / lint', conclusion: 'skipped' });
  });

  test('a gate that has not ended is in progress, and cancelled when the run stops', () => {
    const opened = judged({ step: path, attempt: 1, gate: 'test', commit: one }).slice(0, 1);
    expect(viewOf(opened).checks[0]?.conclusion).toBeNull();
    const stopped = viewOf([...opened, { type: 'run_interrupted', run: 'r1', signal: 'SIGTERM' }]);
    expect(stopped.checks[0]?.conclusion).toBe('cancelled');
    expect(stopped.conclusion).toBe('cancelled');
  });

  test('a gate that was open when the time ran out is timed out, and so is the run', () => {
    const opened = judged({ step: path, attempt: 1, gate: 'test', commit: one }).slice(0, 1);
    const over: Fact = { type: 'budget_exceeded', scope: 'run', kind: 'time', max: 1, current: 2 };
    const view = viewOf([...opened, over, ended(one, 'fail')]);
    expect(view.checks[0]?.conclusion).toBe('timed_out');
    expect(view.conclusion).toBe('timed_out');
  });

  test('a gate whose command did not end in time is timed out, in the words of the gate itself', async () => {
    const command = { texts: [{ text: 'sleep 20', env: {} }], folder: '', source: 'a test' };
    const { cause } = await runCommand({
      ...{ command, cwd: tmpdir(), env: { PATH: process.env.PATH ?? '' }, timeoutMs: 50 },
      signal: new AbortController().signal,
    });
    const place = { step: path, attempt: 1, gate: 'test', commit: one, verdict: 'fail' as const };
    const conclusion = (more: object) => viewOf(judged({ ...place, ...more })).checks[0]?.conclusion;
    expect(conclusion({ reason: `${cause}\nits last lines` })).toBe('timed_out');
    expect(conclusion({ reason: `\`npm test\` ended with exit code 1\n${cause}` })).toBe('failure');
    expect(conclusion({ reason: cause, comments: cause, findings: [] })).toBe('failure');
  });

  test.each([
    ['time', 'timed_out'],
    ['budget', 'failure'],
    ['tokens', 'failure'],
  ] as const)("what the end of the run's %s stops is shown as %s, measured or judged", (kind, wanted) => {
    const over: Fact = { type: 'budget_exceeded', scope: 'run', kind, max: 1, current: 2 };
    const about = { step: path, attempt: 1, commit: one, verdict: 'fail' as const };
    const [measured, stopped] = judged({ ...about, gate: 'test', reason: 'stopped' });
    const [asked, unsaid] = judged({ ...about, gate: 'review', reason: 'the limit of the run' });
    if (!measured || !stopped || !asked || !unsaid) throw new Error('Gates start and end.');
    const judging: Fact = { ...asked, validator: true } as Fact;
    const { checks, conclusion } = viewOf([measured, judging, over, stopped, unsaid, ended(one, 'fail')]);
    expect(checks.map((check) => check.conclusion)).toEqual([wanted, wanted]);
    expect(conclusion).toBe(wanted);
  });

  test('a run out of money is a failure, a paused one waits for a person', () => {
    const over: Fact = { type: 'budget_exceeded', scope: 'run', kind: 'budget', max: 1, current: 2 };
    expect(viewOf([over, ended(one, 'fail')]).conclusion).toBe('failure');
    const paused: Fact = { type: 'run_paused', run: 'r1', reason: 'hitl', step: path };
    expect(viewOf([paused]).conclusion).toBe('action_required');
    expect(viewOf([paused, { type: 'run_resumed', run: 'r1', reason: 'approved' }]).conclusion).toBeNull();
  });

  test('a name never exceeds 100 characters and differs where the paths differ', () => {
    const long = (end: string) => `${'very-long-step-name/'.repeat(10)}${end}`;
    const names = ['a', 'b'].map(
      (end) =>
        viewOf(judged({ step: long(end), attempt: 1, gate: 'test', commit: one })).checks[0]?.name ?? '',
    );
    expect(names[0]?.length).toBeLessThanOrEqual(100);
    expect(new Set(names).size).toBe(2);
  });
});

test('what is measured for a retry condition is no check, whatever it says', () => {
  const inside = `${path}/retry.is-flaky`;
  const about = { step: path, attempt: 1, condition: 'retry.is-flaky' };
  const view = viewOf([
    ...judged({ step: path, attempt: 1, gate: 'test', commit: one, verdict: 'fail' }),
    { type: 'condition_started', ...about, commit: one, reason: 'red' },
    ...judged({ step: `${inside}/look`, attempt: 1, gate: 'lint', commit: one, verdict: 'fail' }),
    made({ step: `${inside}/judge`, attempt: 1, commit: two }),
    { type: 'condition_ended', ...about, applies: false, duration_ms: 1, reason: 'no' },
    ended(one, 'fail'),
  ]);
  expect(view.checks.map(({ name }) => name)).toEqual(['gump / task-1 / converge / test']);
  expect(view.line).toEqual([base, one]);
  expect(view.reviews).toEqual([]);
});

describe('the head', () => {
  test('the line holds the commits of tasks in turn, and of parallel ones only what was merged', () => {
    const facts: readonly Fact[] = [
      made({ step: path, attempt: 1, commit: one }),
      { type: 'task_merged', step: 'decompose', task: 'piece-1', commit: two },
    ];
    expect(viewOf(facts).line).toEqual([base, one, two]);
    expect(viewOf(facts, planOf(base, { parallel: true })).line).toEqual([base, two]);
  });

  test('a validator changes nothing: its step adds no commit', () => {
    const view = viewOf([
      { type: 'gate_started', step: path, attempt: 1, gate: 'review', commit: one, validator: true },
      made({ step: `${path}/review/judge`, attempt: 1, commit: two }),
    ]);
    expect(view.line).toEqual([base]);
  });

  test('at the end the latest result of every gate stands, each once, those that judged the head left out', () => {
    const plan = planOf(base);
    const view = viewOf([
      ...judged({ step: path, attempt: 1, gate: 'test', commit: one, verdict: 'fail' }),
      ...judged({ step: path, attempt: 2, gate: 'test', commit: two }),
      ...judged({ step: path, attempt: 2, gate: 'compile', commit: two }),
      ...judged({ step: 'quality', attempt: 1, gate: 'test', commit: 'c'.repeat(40) }),
      ended('c'.repeat(40)),
    ]);
    const copies = copiesOn(plan, view, 'c'.repeat(40), 'gate');
    expect(copies.map(({ name, conclusion }) => [name, conclusion])).toEqual([
      ['gump / task-1 / converge / test', 'success'],
      ['gump / task-1 / converge / compile', 'success'],
    ]);
    const steps = copiesOn(plan, view, 'c'.repeat(40), 'step');
    expect(steps.map(({ name, gates }) => [name, gates.length])).toEqual([['gump / task-1 / converge', 2]]);
  });
});

describe('reviews', () => {
  const finding = { path: 'a.js', line: 3, body: 'No.' };
  const failed = judged({
    step: path,
    attempt: 1,
    gate: 'review',
    commit: one,
    verdict: 'fail',
    comments: 'c',
    findings: [finding],
  });

  test('a verdict with findings is a review, whether it passed or not; one without is none', () => {
    const place = { step: path, attempt: 1, gate: 'review', commit: one };
    const about = { commit: one, findings: [finding] };
    expect(viewOf(failed).reviews).toMatchObject([{ ...about, comments: 'c', passed: false }]);
    expect(viewOf(judged({ ...place, findings: [finding] })).reviews).toMatchObject([
      { ...about, passed: true },
    ]);
    expect(viewOf(judged({ ...place, findings: [] })).reviews).toEqual([]);
    expect(
      viewOf(judged({ step: path, attempt: 1, gate: 'test', commit: one, verdict: 'fail' })).reviews,
    ).toEqual([]);
  });

  test('the newest verdict of each gate is what stands, also one that found nothing; what was broken off says nothing', () => {
    const passed = judged({ step: path, attempt: 2, gate: 'review', commit: two, findings: [] });
    const open = judged({ step: path, attempt: 3, gate: 'review', commit: base, findings: [] }).slice(0, 1);
    const { verdicts } = viewOf([...failed, ...passed, ...open, ended(two, 'cancelled')]);
    expect(verdicts).toMatchObject([{ commit: two, findings: [], externalId: `r1/${path}#2/review` }]);
  });

  test('of a parallel task it waits until the pull request can show the commit', () => {
    const parallel = planOf(base, { parallel: true });
    expect(viewOf(failed).reviews[0]?.reachable).toBe(true);
    expect(viewOf(failed, parallel).reviews[0]?.reachable).toBe(false);
    const merged: Fact = { type: 'task_merged', step: 'decompose', task: 'piece-1', commit: two };
    expect(viewOf([...failed, merged], parallel).reviews[0]?.reachable).toBe(true);
  });

  test('of a branch within a branch it waits until both are merged, and another round of the group waits again', () => {
    const parallel = planOf(base, { parallel: true });
    const side = makeNode('side', { kind: 'group', parallel: true }, { children: parallel.nodes });
    const plan = { ...parallel, nodes: [side] };
    const inside = judged({
      step: `side/${path}`,
      attempt: 1,
      gate: 'review',
      commit: one,
      verdict: 'fail',
      comments: 'c',
      findings: [finding],
    });
    const inner: Fact = { type: 'task_merged', step: 'side/decompose', task: 'piece-1', commit: two };
    const outer: Fact = { type: 'task_merged', step: 'side', task: 'decompose', commit: two };
    const again: Fact = { type: 'group_started', step: 'side', step_type: 'group', round: 2, base: two };
    const reachable = (...facts: readonly Fact[]) => viewOf(facts, plan).reviews[0]?.reachable;
    expect(reachable(...inside, inner)).toBe(false);
    expect(reachable(...inside, inner, outer)).toBe(true);
    expect(reachable(...inside, inner, outer, again)).toBe(false);
  });
});

test("the pull request is named by the spec's first heading, harmlessly, and ready only when the run has passed", () => {
  const plan = planOf(base, { spec: 'intro\n## Ask @octocat, closes #7 ##\n# Other' });
  const view = viewOf([finished('quality', one), ended(one)], plan);
  expect(view.pullRequest.title).toBe('Ask @\u200boctocat, closes #\u200b7');
  expect(view.pullRequest.ready).toBe(true);
  expect(viewOf([ended(one, 'fail')], plan).pullRequest.ready).toBe(false);
});

test('the same events give the same view', async () => {
  let count = 0;
  const plan = planOf(base);
  const commit = async () => String(++count).padStart(40, '0');
  const facts = (await simulate({ plan, tasks: 3, attempts: 2, commit })).flatMap((one) =>
    'fact' in one ? [one.fact] : [],
  );
  const views = [1, 2].map(() => {
    const recorder = createRecorder();
    recorder.add(...facts);
    return githubView(plan, recorder.events);
  });
  expect(views[0]).toEqual(views[1]);
  expect(views[0]?.checks).toHaveLength(1 + 3 * (2 * 3 + 2) + 3);
});
