import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { locate } from '../../src/engine/place.ts';
import { birthsOf, replayPoint } from '../../src/engine/replay.ts';
import type { StepState, Steps } from '../../src/engine/state.ts';
import type { Event, Fact } from '../../src/events/event.ts';
import { own } from '../../src/own.ts';
import type { Plan, PlanNode } from '../../src/plan/plan.ts';
import { branchesAround } from '../../src/report/node.ts';
import { openLaunches, openPauses } from '../../src/runtime/open.ts';
import { eventsOf, only, planOf, resumeOf, startOf } from './given.ts';
import { plans, randomWorld, seeds, troubles } from './random.ts';
import { carryOn, type Played, play, told, type World } from './world.ts';

const seed = Number(process.env.GUMP_SEED ?? 1);
const effort = Number(process.env.GUMP_EFFORT ?? 1);

/**
 * Steps of runs that were resumed up to twice, as places to begin again: at most ten of each run. Without limits of called
 * workflows: a replay has them anew.
 */
function checkSome(numRuns: number, holds: (case_: Case) => void): void {
  const unlimited = plans({ limited: false });
  const property = fc.property(unlimited, seeds, troubles, fc.nat(2), (plan, seed, trouble, resumes) => {
    const world = randomWorld(seed, trouble);
    let run = play(plan, world);
    let resumed = false;
    for (let left = resumes; left > 0 && run.state.status !== 'pass'; left--) {
      resumed = true;
      run = carryOn(plan, world, { past: run.events, opening: [resumeOf(plan)] });
    }
    const all = [...birthsOf(plan, run.events)];
    const step = Math.ceil(all.length / 10);
    for (const [path, births] of all.filter((_, index) => index % step === seed % step))
      holds({ plan, world, run, path, birth: births.at(-1) ?? 0, resumed, paused: run.events.some(isPause) });
  });
  fc.assert(property, { numRuns: numRuns * effort, seed });
}

interface Case {
  readonly plan: Plan;
  readonly world: World;
  readonly run: Played;
  readonly path: string;
  /** Index of the event with which the step began. */
  readonly birth: number;
  readonly resumed: boolean;
  readonly paused: boolean;
}

function isPause(event: Event): boolean {
  return event.type === 'run_paused';
}

/** The new run's ledger up to the moment when its engine takes over. */
function seedOf(plan: Plan, kept: readonly Event[], path: string): Event[] {
  const [started] = eventsOf([startOf(plan)]);
  const copied = [started, ...kept].map((event, index) => ({ ...event, seq: index + 1 }) as Event);
  const replayed: Fact = { type: 'run_replayed', run: plan.run, of: 'r0', from_step: path };
  return [...copied, ...eventsOf([replayed], copied)];
}

function pointOf({ plan, run, path }: Case) {
  const point = replayPoint({ plan, events: run.events, path, attempt: null });
  if (!point) throw new Error(`no point at ${path}`);
  return point;
}

/** True where nothing ran beside the step. */
function isAlone({ plan, path }: Case): boolean {
  return branchesAround(plan, path).length === 0;
}

/** Random plans name their one validator so, and no step. */
function isJudge({ path }: Case): boolean {
  return path.includes('/review/');
}

test('folding the chosen events gives the state at that moment, where nothing ran beside the step', () => {
  checkSome(80, (one) => {
    const before = one.run.events.slice(0, one.birth);
    if (!isAlone(one)) return;
    const [started] = one.run.events;
    expect(fold([started as Event, ...pointOf(one).events])).toEqual(fold(before));
  });
});

test('the step itself is as if it had never started, nothing is open, and what passed beside it stays', () => {
  checkSome(80, (one) => {
    const past = seedOf(one.plan, pointOf(one).events, one.path);
    const state = fold(past);
    expect(locate(one.plan, state, one.path)?.step).toBeUndefined();
    expect(openLaunches(state)).toEqual([]);
    expect(openPauses(state)).toEqual([]);
    expect([state.status, state.spent.cost, state.activeMs, state.exceeded]).toEqual(['running', 0, 0, null]);
    if (locate(one.plan, one.run.state, one.path)?.step) {
      const stays = passedIn(one.run.state.steps).filter((path) => isBeside(one.plan, path, one.path));
      expect(passedIn(state.steps)).toEqual(expect.arrayContaining(stays));
    }
    expect(failedIn(state.steps).filter((path) => !isAround(path, one.path))).toEqual([]);
  });
});

test('the step runs again once, and no step that the copied events have finished runs again', () => {
  const calm: World = { ...randomWorld(3, 0), agent: () => ({ tasks: [{ name: 'a', description: 'a' }] }) };
  checkSome(80, (one) => {
    // What the gates in front of a judge found stands, and may fail the attempt that it judges.
    if (isJudge(one)) return;
    const past = seedOf(one.plan, pointOf(one).events, one.path);
    const done = new Set(passedIn(fold(past).steps));
    const { events, state } = carryOn(one.plan, calm, { past, opening: [] });
    expect(state.status, `${one.path}\n${told(events)}`).toBe('pass');
    const paths = events.slice(past.length).flatMap((event) => {
      if (event.type !== 'step_started' && event.type !== 'group_started') return [];
      // A step with a called workflow in front of it begins with that, and once more with its first attempt.
      const isFirst = event.type === 'step_started' || ['group', 'call'].includes(event.step_type);
      return isFirst ? [event.step] : [];
    });
    expect(paths.filter((path) => path === one.path)).toEqual([one.path]);
    expect(paths.filter((path) => done.has(path))).toEqual([]);
    const ids = only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);
    expect(ids).toEqual([...new Set(ids)]);
  });
});

test('in a world that answers as before, a replay from any step comes to the same end', () => {
  checkSome(80, (one) => {
    if (one.resumed || one.paused) return;
    const past = seedOf(one.plan, pointOf(one).events, one.path);
    const { state, events } = carryOn(one.plan, one.world, { past, opening: [] });
    if (isPause(events.at(-1) as Event)) return;
    expect([state.status, resultsOf(state.steps)], told(events)).toEqual([
      one.run.state.status,
      resultsOf(one.run.state.steps),
    ]);
  });
});

test('a replay can be replayed, from what it copied and from what it did itself', () => {
  checkSome(3, (one) => {
    const past = seedOf(one.plan, pointOf(one).events, one.path);
    const again = carryOn(one.plan, one.world, { past, opening: [] });
    for (const [path] of [...birthsOf(one.plan, again.events)].slice(0, 5)) {
      const point = pointOf({ ...one, run: again, path });
      expect(locate(one.plan, fold(seedOf(one.plan, point.events, path)), path)?.step).toBeUndefined();
      const second = carryOn(one.plan, one.world, {
        past: seedOf(one.plan, point.events, path),
        opening: [],
      });
      expect(['pass', 'fail', 'paused']).toContain(second.state.status);
    }
  });
});

const parallel = `  - name: plan
    type: split
    prompt: split
    agent: claude-opus
    parallel: true
    each:
      - name: make
        type: code
        prompt: make
        agent: claude-sonnet
        gate: [test]
        retry: [{exit: 3}]
      - name: check
        type: code
        prompt: check
        agent: claude-sonnet
  - name: whole
    gate: [test]
`;
const tasks = ['a', 'b', 'c'].map((name) => ({ name, description: name }));
const threeTasks: World = { agent: () => ({ tasks }) };

test('of tasks beside the step what has passed stays; what has failed begins anew', () => {
  const plan = planOf(parallel);
  const world: World = { ...threeTasks, gate: ({ path }) => (path === 'plan/c/make' ? 'fail' : 'pass') };
  const { events, state } = play(plan, world);
  expect(state.status).toBe('fail');
  const point = replayPoint({ plan, events, path: 'plan/b/check', attempt: null });
  const steps = fold(point?.events ?? []).steps.plan?.tasks;
  expect(passedIn(steps?.a?.steps ?? {})).toEqual(['make', 'check']);
  expect(passedIn(steps?.b?.steps ?? {})).toEqual(['make']);
  expect(steps?.c?.steps).toEqual({});
  // The first task was merged before the second; the line of the run goes so far.
  expect(fold(point?.events ?? []).steps.plan?.merges.a?.commit).toBe(point?.head);
  expect(only(point?.events ?? [], 'task_merged').map(({ task }) => task)).toEqual(['a']);
  expect(point?.tips).toEqual([
    only(events, 'step_started').find(({ step }) => step === 'plan/b/check')?.base,
  ]);
});

test.each([1, 4])(
  'no merge that stands on the work of the replayed task is copied, with %i at once',
  (max_parallel) => {
    const plan = planOf(parallel, { settings: { max_parallel } });
    const { events } = play(plan, threeTasks);
    const point = replayPoint({ plan, events, path: 'plan/a/make', attempt: null });
    expect(only(point?.events ?? [], 'task_merged')).toEqual([]);
    const steps = fold(point?.events ?? []).steps.plan?.tasks;
    expect(passedIn(steps?.b?.steps ?? {})).toEqual(['make', 'check']);
    expect(point?.head).toBe('b0');
    expect(new Set(point?.tips)).toEqual(
      new Set(
        ['b', 'c'].flatMap((task) =>
          ['make', 'check'].map((step) => commitOf(events, `plan/${task}/${step}`)),
        ),
      ),
    );
  },
);

test('what a branch did again on top of the replayed work is dropped; what it had done without it stays', () => {
  const plan = planOf(parallel);
  const world: World = { ...threeTasks, conflicts: ({ branch, base }) => branch === 'b' && base === 'b0' };
  const failed = play(plan, world);
  const { events, state } = carryOn(plan, world, { past: failed.events, opening: [resumeOf(plan)] });
  expect(state.status).toBe('pass');
  const ids = (path: string) => {
    const point = replayPoint({ plan, events, path, attempt: null });
    return only(point?.events ?? [], 'step_completed').map(({ step, attempt }) => `${step}#${attempt}`);
  };
  const others = ['plan/c/make#1', 'plan/c/check#1'];
  expect(ids('plan/a/make').sort()).toEqual(['plan/b/make#1', 'plan/b/check#1', ...others].sort());
  // The other way round what the second go stands on is no work of the replayed task.
  const again = ids('plan/c/make');
  expect(again).toEqual(expect.arrayContaining(['plan/a/make#1', 'plan/a/check#1']));
  expect(again.filter((id) => id.startsWith('plan/b/'))).toEqual(['plan/b/make#1', 'plan/b/check#1']);
});

test('from an attempt on, the attempts before it and what they led to stay', () => {
  const plan = planOf(parallel);
  const world: World = {
    ...threeTasks,
    gate: ({ path, attempt }) => (path === 'plan/a/make' && attempt < 3 ? 'fail' : 'pass'),
  };
  const { events } = play(plan, world);
  const point = replayPoint({ plan, events, path: 'plan/a/make', attempt: 3 });
  const make = fold(point?.events ?? []).steps.plan?.tasks.a?.steps.make;
  expect([make?.attempt?.number, make?.retrying]).toEqual([2, true]);
  expect(replayPoint({ plan, events, path: 'plan/a/make', attempt: 4 })).toBeNull();
});

test('no conversation of the other run is continued: a new one begins, with the step’s own prompt, and that is told', () => {
  const plan = planOf(`  - {name: make, type: code, prompt: make, agent: codex}
  - {name: check, type: code, prompt: check, agent: codex, session: {from: make}}
`);
  const { events } = play(plan);
  const point = replayPoint({ plan, events, path: 'check', attempt: null });
  const past = seedOf(plan, point?.events ?? [], 'check');
  const more = carryOn(plan, {}, { past, opening: [] }).events.slice(past.length);
  expect(only(events, 'step_started').map((event) => event.session_mode)).toEqual(['new', 'from']);
  expect(only(more, 'step_started').map((event) => event.session_mode)).toEqual(['new']);
  expect(only(more, 'notice')[0]?.message).toContain('the session of make cannot be continued');
});

test('a step of a group is replayed in the round in which it ran last', () => {
  const plan = planOf(`  - name: again
    retry: [{exit: 2}]
    steps:
      - {name: make, type: code, prompt: make, agent: codex}
      - {name: check, type: code, prompt: check, agent: codex, gate: [test]}
`);
  const world: World = { gate: ({ attempt }) => (attempt === 1 ? 'fail' : 'pass') };
  const { events } = play(plan, world);
  const point = replayPoint({ plan, events, path: 'again/check', attempt: null });
  const again = fold(point?.events ?? []).steps.again;
  expect([again?.round, passedIn(again?.steps ?? {})]).toEqual([2, ['make']]);
  const past = seedOf(plan, point?.events ?? [], 'again/check');
  const more = carryOn(plan, world, { past, opening: [] }).events.slice(past.length);
  expect(only(more, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`)).toEqual([
    'again/check#2',
  ]);
});

test('a step that never started has no point, whatever its name', () => {
  const plan = planOf(parallel);
  const { events } = play(plan, { ...threeTasks, gate: () => 'fail' });
  for (const path of ['whole', 'plan/a/check', 'plan/z/make', 'constructor', '__proto__', ''])
    expect(replayPoint({ plan, events, path, attempt: null }), path).toBeNull();
});

function commitOf(events: readonly Event[], path: string): string {
  return only(events, 'step_completed').find(({ step }) => step === path)?.commit ?? '';
}

/** In another task of the same parallel split. */
function isBeside(plan: Plan, path: string, other: string): boolean {
  const [one, two] = [path.split('/'), other.split('/')];
  const fork = one.findIndex((name, index) => name !== two[index]);
  const split = nodeOf(plan.nodes, one.slice(0, fork));
  // The tasks of a split begin behind what it gets, not beside it.
  const isBehind = split?.get != null && two[fork] === 'get';
  return fork > 0 && fork < two.length && split?.step.parallel === true && !isBehind;
}

/** The node of a path of step and task names; undefined where it ends at a task. */
function nodeOf(nodes: readonly PlanNode[], [name, ...rest]: readonly string[]): PlanNode | undefined {
  const node = nodes.find(({ step }) => step.name === name);
  if (!node || rest.length === 0) return node;
  const below = node.step.kind === 'split' ? rest.slice(1) : rest;
  return below.length === 0 ? undefined : nodeOf(node.children, below);
}

/** `plan` is around `plan/a/make`; a judged step is around its judges. */
function isAround(path: string, inside: string): boolean {
  return inside.startsWith(`${path}/`);
}

function passedIn(steps: Steps, prefix = ''): string[] {
  return pathsWhere(steps, prefix, ({ status }) => status === 'pass');
}

function failedIn(steps: Steps, prefix = ''): string[] {
  return pathsWhere(steps, prefix, ({ status }) => status === 'fail' || status === 'cancelled');
}

function pathsWhere(steps: Steps, prefix: string, holds: (step: StepState) => boolean): string[] {
  return Object.entries(steps).flatMap(([name, step]) => {
    const path = prefix === '' ? name : `${prefix}/${name}`;
    return [
      ...(holds(step) ? [path] : []),
      ...Object.entries(step.tasks).flatMap(([task, inner]) =>
        pathsWhere(inner.steps, `${path}/${task}`, holds),
      ),
      ...pathsWhere(step.steps, path, holds),
    ];
  });
}

/** Sorted: who of those side by side began first is not part of a result. */
function resultsOf(steps: Steps): unknown {
  const results = Object.entries(steps).map(([name, step]) => [
    name,
    step.status,
    step.commit,
    step.reason,
    step.attempt?.number,
    Object.entries(step.tasks)
      .map(([task, { steps: inner }]) => [task, own(step.merges, task)?.commit, resultsOf(inner)])
      .sort(),
    resultsOf(step.steps),
  ]);
  return results.sort();
}
