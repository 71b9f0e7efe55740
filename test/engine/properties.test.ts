import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { isEscalation, signatureOf } from '../../src/engine/breaker.ts';
import { decide } from '../../src/engine/decide.ts';
import type { Effect } from '../../src/engine/effect.ts';
import { fold } from '../../src/engine/evolve.ts';
import type { RunState, StepState, Steps } from '../../src/engine/state.ts';
import { decodeLedger, encodeEvent } from '../../src/events/codec.ts';
import type { Event, EventOf } from '../../src/events/event.ts';
import { isInCondition, type Plan, type PlanNode } from '../../src/plan/plan.ts';
import { openLaunches } from '../../src/runtime/open.ts';
import type { RetryOverrides } from '../../src/workflow/workflow.ts';
import { only, resumeOf } from './given.ts';
import { type PlanWish, plans, randomWorld, seeds, troubles } from './random.ts';
import { stepAt } from './step-at.ts';
import { carryOn, type Played, play, takeOver, type World } from './world.ts';

/** The same runs every time; `GUMP_SEED=7 GUMP_EFFORT=20` looks elsewhere, and longer. */
const seed = Number(process.env.GUMP_SEED ?? 1);
const effort = Number(process.env.GUMP_EFFORT ?? 1);
let runs = 0;
const startedMs = performance.now();
afterAll(() => console.log(`${runs} simulated runs in ${Math.round(performance.now() - startedMs)} ms`));

function check(
  numRuns: number,
  holds: (plan: Plan, world: World, seed: number) => void,
  wish: PlanWish = {},
) {
  fc.assert(
    fc.property(plans(wish), seeds, troubles, (plan, seed, trouble) => {
      runs++;
      holds(plan, randomWorld(seed, trouble), seed);
    }),
    { numRuns: numRuns * effort, seed },
  );
}

/** The run and what follows: it is resumed after every end, at most so often. */
function resumed(plan: Plan, first: Played, world: World, times: number): Played {
  let last = first;
  for (let round = 0; round < times && last.state.status !== 'pass'; round++) {
    runs++;
    last = carryOn(plan, world, { past: last.events, opening: [resumeOf(plan)] });
  }
  return last;
}

test('every run ends', () => {
  check(1_500, (plan, world) => {
    const { state, events } = play(plan, world);
    expect(['pass', 'fail', 'paused']).toContain(state.status);
    expect(only(events, 'run_completed')).toHaveLength(state.status === 'paused' ? 0 : 1);
  });
});

test('a run without trouble passes', () => {
  check(
    200,
    (plan, _, seed) => {
      const { agent, pick, ...world } = randomWorld(seed, 0);
      const calm: World = {
        ...world,
        agent: (effect) => ({ ...agent?.(effect), turns: 1 }),
        ...(pick ? { pick } : {}),
      };
      expect(play(plan, calm).state.status).toBe('pass');
    },
    { limited: false },
  );
});

test('every ended run can be resumed, and ends again', () => {
  check(600, (plan, world) => {
    const { state } = resumed(plan, play(plan, world), world, 3);
    expect(['pass', 'fail', 'paused']).toContain(state.status);
  });
});

test('no attempt starts beyond its exit, counted from the last resume', () => {
  check(300, (plan, world) => {
    const { events } = resumed(plan, play(plan, world), world, 2);
    const allowance = new Map<string, number>();
    for (const event of events) {
      // A new engine and a new round of a group grant the whole list again.
      if (event.type === 'run_resumed' || event.type === 'group_started') allowance.clear();
      if (event.type !== 'step_started' || event.step.includes('/review/') || isInCondition(event.step))
        continue;
      const used = (allowance.get(event.step) ?? 0) + 1;
      allowance.set(event.step, used);
      const list = nodeAt(plan, event.step).step.retry;
      const last = list.at(-1)?.condition;
      expect(used).toBeLessThanOrEqual(last?.kind === 'exit' ? last.attempt : 1);
    }
  });
});

test('step_started stands exactly once for each attempt', () => {
  check(300, (plan, world) => {
    const { events } = resumed(plan, play(plan, world), world, 2);
    const ids = only(events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);
    expect(ids).toEqual([...new Set(ids)]);
  });
});

test('overrides are sticky: a later attempt loses none, except to a later entry', () => {
  check(300, (plan, world) => {
    const { events } = play(plan, world);
    const inForce = new Map<string, object>();
    for (const event of events) {
      if (event.type === 'group_started') inForce.clear();
      if (event.type !== 'retry_triggered') continue;
      const before = Object.keys(inForce.get(event.step) ?? {});
      expect(Object.keys(event.overrides)).toEqual(expect.arrayContaining(before));
      inForce.set(event.step, event.overrides);
    }
  });
});

test('a condition is asked only where a retry follows, and its overrides apply where it says pass', () => {
  check(400, (plan, world) => {
    const { events, state } = play(plan, world);
    for (const event of events) {
      if (event.type === 'condition_ended') {
        const node = nodeAt(plan, event.step);
        const entry = node.conditions.find(({ label }) => label === event.condition)?.entry ?? -1;
        const retried = only(events, 'retry_triggered').find(
          ({ step, attempt, seq }) => step === event.step && attempt === event.attempt + 1 && seq > event.seq,
        );
        const overrides = node.step.retry[entry]?.overrides ?? {};
        expect(Object.keys(overrides)).not.toEqual([]);
        // A pause, or a limit of a call around, may come first.
        if (retried && event.applies)
          expect(Object.keys(retried.overrides)).toEqual(expect.arrayContaining(Object.keys(overrides)));
        if (!retried)
          expect([state.status === 'paused', isClosed(events, event), isBroken(events, event)]).toContain(
            true,
          );
      }
    }
  });
});

test('no failure comes back unchanged more often than configured, unless something else is tried', () => {
  let [escalations, ends] = [0, 0];
  check(300, (plan, world) => {
    const most = plan.settings.breaker?.same_failures ?? 0;
    const last = new Map<string, { overrides: RetryOverrides; signature: string; count: number }>();
    const { events } = play(plan, world);
    escalations += only(events, 'retry_triggered').filter(({ escalated }) => escalated).length;
    ends += only(events, 'step_completed').filter(isEndedEarly).length;
    expect(most === 0 && events.some(isEndedEarly)).toBe(false);
    for (const event of events) {
      // What judges the attempt, and what is in the round, begins anew.
      if (event.type === 'step_started' || event.type === 'group_started')
        for (const path of last.keys()) if (path.startsWith(`${event.step}/`)) last.delete(path);
      if (event.type !== 'retry_triggered' || most === 0) continue;
      const { step, overrides } = event;
      const signature = signatureOf(event.reason);
      const before = last.get(step);
      const count = before?.signature === signature ? before.count + 1 : 1;
      const isNew = isEscalation(before?.overrides ?? {}, overrides);
      if (!isNew) expect(count).toBeLessThan(most);
      if (event.escalated) expect(isNew).toBe(true);
      last.set(step, { overrides, signature, count: isNew ? 0 : count });
    }
  });
  // The random runs come to both.
  expect(Math.min(escalations, ends)).toBeGreaterThan(5);
});

test('no gate is skipped after a failed one, and none is judged before the one in front of it', () => {
  check(300, (plan, world) => {
    const { events } = play(plan, world);
    const judged = new Map<string, string[]>();
    for (const event of events) {
      if (event.type === 'gate_passed' || event.type === 'gate_failed' || event.type === 'gate_skipped') {
        const id = `${event.step}#${event.attempt}`;
        judged.set(id, [...(judged.get(id) ?? []), event.gate]);
      }
    }
    for (const [id, gates] of judged) {
      expect(gates).toEqual(nodeAt(plan, id.split('#')[0] ?? '').gates.map(({ label }) => label));
    }
  });
});

test('spending never exceeds the budget by more than the calls in flight', () => {
  const budget = fc.integer({ min: 0, max: 40 }).map((cents) => cents / 100);
  check(
    400,
    (plan, world) => {
      const { state, flightsMax, events } = play(plan, world);
      const max = plan.limits.maxBudgetUsd ?? 0;
      expect(state.spent.cost).toBeLessThanOrEqual(max + flightsMax * 0.01 + 1e-9);
      const told = only(events, 'budget_exceeded').filter(({ scope }) => scope === 'run');
      if (state.spent.cost > max) expect(told).toHaveLength(1);
      const again = resumed(plan, { events, state, flightsMax }, world, 1);
      expect(again.state.spent.cost).toBeLessThanOrEqual(
        max + Math.max(flightsMax, again.flightsMax) * 0.01 + 1e-9,
      );
    },
    { budget },
  );
});

test('however branches are nested, never more than max_parallel agents are wanted at once', () => {
  check(300, (plan, world) => {
    const agentsIn = (effects: readonly Effect[]) => effects.filter(({ kind }) => kind === 'agent').length;
    let most = 0;
    const watch: World['watch'] = (_, effects) => {
      most = Math.max(most, agentsIn(effects));
    };
    const watched = { ...world, watch };
    resumed(plan, play(plan, watched), watched, 2);
    expect(most).toBeLessThanOrEqual(plan.settings.max_parallel);
  });
});

test('who has a place keeps it: an agent at work is wanted until it ends, or a guard or a limit ends it', () => {
  check(
    300,
    (plan, world) => {
      const watch: World['watch'] = (state, effects) => {
        const wanted = new Set(effects.map(({ id }) => id));
        for (const { step, attempt } of openLaunches(state)) {
          const isBroken =
            stepAt(state, step)?.attempt?.guard || effects.some(({ id }) => id.endsWith('/guard'));
          if (!isBroken) expect(wanted).toContain(`${step}#${attempt}`);
        }
      };
      play(plan, { ...world, watch });
    },
    { limited: false },
  );
});

test('every branch that passed is merged or conflicts, whatever became of its siblings', () => {
  check(
    300,
    (plan, world) => {
      const { state } = play(plan, world);
      if (state.status === 'paused') return;
      for (const [path, step] of pathsOf(state.steps)) {
        const node = nodeAt(plan, path);
        if (!node.step.parallel) continue;
        const passed = branchesOf(node, step).filter(([, steps, length]) => {
          return (
            steps.length === (length ?? node.children.length) &&
            steps.every(({ status }) => status === 'pass')
          );
        });
        expect(Object.keys(step.merges).sort()).toEqual(passed.map(([name]) => name).sort());
        if (step.line !== null) expect(step.commit).toBe(step.line);
      }
    },
    { limited: false },
  );
});

test('what was spent is the sum of what every launch has reported', () => {
  check(200, (plan, world) => {
    const { events, state } = play(plan, world);
    const cost = only(events, 'agent_completed').reduce((sum, event) => sum + event.cost, 0);
    expect(state.spent.cost).toBeCloseTo(cost, 6);
  });
});

test('an engine that is lost behind any event is followed by one that comes to the same end', () => {
  check(
    60,
    (plan, world) => {
      const whole = play(plan, world);
      if (whole.events.length > 400) return;
      const step = Math.ceil(whole.events.length / 25);
      for (let cut = 1; cut < whole.events.length; cut += step) {
        runs++;
        const past = whole.events.slice(0, cut);
        const again = carryOn(plan, world, { past, opening: takeOver(past, [resumeOf(plan)]) });
        if (past.some(({ type }) => type === 'run_paused')) continue;
        expect(endOf(again.state)).toEqual(endOf(whole.state));
        const done = new Set(only(past, 'agent_completed').map(({ step, attempt }) => `${step}#${attempt}`));
        const more = only(again.events.slice(cut), 'agent_launched').map(
          ({ step, attempt }) => `${step}#${attempt}`,
        );
        expect(more.filter((id) => done.has(id))).toEqual([]);
        const ids = only(again.events, 'step_started').map(({ step, attempt }) => `${step}#${attempt}`);
        expect(ids).toEqual([...new Set(ids)]);
      }
      // What a lost attempt had spent is booked, and counts when it is repeated.
    },
    { limited: false },
  );
});

test('the same plan and events give the same effects with the same ids, and one id stands for one effect', () => {
  check(200, (plan, world) => {
    const watch: World['watch'] = (state, effects) => {
      expect(decide(plan, state)).toEqual(effects);
      const ids = effects.map(({ id }) => id);
      expect(ids).toEqual([...new Set(ids)]);
    };
    const first = play(plan, { ...world, watch });
    expect(play(plan, world).events).toEqual(first.events);
  });
});

test('the state is the fold of the ledger as it is written and read', () => {
  check(150, (plan, world) => {
    const { events, state } = play(plan, world);
    const { events: read, error } = decodeLedger(events.map((event) => `${encodeEvent(event)}\n`).join(''));
    expect(error).toBeNull();
    expect(fold(read)).toEqual(state);
  });
});

test('evolve takes any events in any order', () => {
  check(150, (plan, world, seed) => {
    const { events } = play(plan, world);
    const shuffled = [...events].sort((a, b) => ((a.seq * (seed | 1)) % 97) - ((b.seq * (seed | 1)) % 97));
    expect(() => fold(shuffled)).not.toThrow();
    const state = fold(shuffled);
    expect(state.spent.cost).toBeGreaterThanOrEqual(0);
  });
});

test('when a run has ended nothing is left open', () => {
  const budget = fc.integer({ min: 0, max: 40 }).map((cents) => cents / 100);
  check(
    300,
    (plan, world) => {
      const { events, state } = play(plan, world);
      if (state.status === 'paused') return;
      expect(everyStep(state.steps).filter(({ status }) => status === 'running')).toEqual([]);
      const ended = (event: Event) => ['gate_passed', 'gate_failed', 'gate_skipped'].includes(event.type);
      expect(only(events, 'gate_started').length).toBe(events.filter(ended).length);
      expect(only(events, 'condition_started').length).toBe(only(events, 'condition_ended').length);
    },
    { budget },
  );
});

test('ten thousand runs have been simulated', () => {
  expect(runs).toBeGreaterThanOrEqual(10_000);
});

/** What a run has come to; what it cost and how long it took depends on how often it was lost. */
function endOf(state: RunState): unknown {
  return { status: state.status, steps: resultsOf(state.steps) };
}

function resultsOf(steps: Steps): unknown {
  return Object.entries(steps).map(([name, step]) => [
    name,
    step.status,
    step.commit,
    step.reason,
    step.attempt?.number,
    Object.entries(step.merges).sort(),
    Object.entries(step.tasks)
      .map(([task, { steps: inner }]) => [task, resultsOf(inner)])
      .sort(),
    resultsOf(step.steps),
  ]);
}

function everyStep(steps: Steps): StepState[] {
  return Object.values(steps).flatMap((step) => [
    step,
    ...everyStep(step.steps),
    ...Object.values(step.tasks).flatMap((task) => everyStep(task.steps)),
    ...Object.values(step.attempt?.gates ?? {}).flatMap((gate) => everyStep(gate.steps)),
    ...Object.values(step.attempt?.conditions ?? {}).flatMap((judge) => everyStep(judge.steps)),
  ]);
}

/** The step of a condition was ended by a limit. */
function isClosed(events: readonly Event[], { step, attempt, seq }: EventOf<'condition_ended'>): boolean {
  const end = only(events, 'step_completed').find((event) => event.step === step && event.seq > seq);
  return end?.attempt === attempt && /used up/.test(end.reason ?? '');
}

/** The failure came back unchanged, and the answer was no other way of trying. */
function isBroken(events: readonly Event[], { step, attempt, seq }: EventOf<'condition_ended'>): boolean {
  const end = only(events, 'step_completed').find((event) => event.step === step && event.seq > seq);
  return end?.attempt === attempt && isEndedEarly(end);
}

function isEndedEarly(event: Event): boolean {
  return event.type === 'step_completed' && event.reason?.startsWith('the same failure came back') === true;
}

/** Every step of the run's own with its path. */
function pathsOf(steps: Steps, prefix = ''): [string, StepState][] {
  return Object.entries(steps).flatMap(([name, step]): [string, StepState][] => {
    const path = prefix + name;
    const tasks = Object.entries(step.tasks).flatMap(([task, { steps: inner }]) =>
      pathsOf(inner, `${path}/${task}/`),
    );
    return [[path, step], ...tasks, ...pathsOf(step.steps, `${path}/`)];
  });
}

/** Name, steps, and how many they are in a group's child; a task's are those of the split's body. */
function branchesOf(node: PlanNode, step: StepState): [string, StepState[], number?][] {
  const children = node.step.kind === 'split' ? {} : step.steps;
  return [
    ...Object.entries(step.tasks).map(([name, { steps }]): [string, StepState[]] => [
      name,
      Object.values(steps),
    ]),
    ...Object.entries(children).map(([name, child]): [string, StepState[], number] => [name, [child], 1]),
  ];
}

/** The node of a path: task names are passed over, a validator's label leads into it. */
function nodeAt(plan: Plan, path: string): PlanNode {
  const find = (nodes: readonly PlanNode[], parts: readonly string[]): PlanNode | undefined => {
    const [name = '', ...rest] = parts;
    const node = nodes.find((one) => one.step.name === name);
    if (!node || rest.length === 0) return node;
    if (node.get && rest[0] === 'get') return find([node.get], rest);
    const gate = [...node.gates, ...node.conditions].find(
      ({ label, nodes: inside }) => label === rest[0] && inside.length > 0,
    );
    if (gate) return find(gate.nodes, rest.slice(1));
    return find(node.children, node.step.kind === 'split' ? rest.slice(1) : rest);
  };
  const found = find(plan.nodes, path.split('/'));
  if (!found) throw new Error(`no node at ${path}`);
  return found;
}
