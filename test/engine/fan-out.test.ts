import fc from 'fast-check';
import { expect, test } from 'vitest';
import { branchPlan, openingOfBranch } from '../../src/engine/branch-job.ts';
import { budgetOf } from '../../src/engine/budget.ts';
import { awaySince, type BranchLedger, comeBack } from '../../src/engine/come-back.ts';
import { fold } from '../../src/engine/evolve.ts';
import type { RunState } from '../../src/engine/state.ts';
import type { Event } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { only, planOf, resumeOf, startOf } from './given.ts';
import { chance, plans, randomWorld, seeds, troubles } from './random.ts';
import { carryOn, type Played, play, takeOver, type World } from './world.ts';

const numRuns = 120 * Number(process.env.GUMP_EFFORT ?? 1);
const seed = Number(process.env.GUMP_SEED ?? 1);

const fanOut = { kind: 'fan-out' } as const;

/** Until its branches are away, or to its end. */
function start(plan: Plan, world: World): Played {
  return carryOn(plan, world, { past: [], opening: [startOf(plan)], course: fanOut });
}

/** Each branch in an engine of its own; what `lose` names is lost after so many rounds. */
function branches(
  plan: Plan,
  world: World,
  past: readonly Event[],
  lose: (branch: string) => number | undefined = () => undefined,
): readonly BranchLedger[] {
  const away = awaySince(past);
  return (away?.branches ?? []).map((branch) => {
    const state = fold(past);
    const roundsMax = lose(branch);
    const { events } = carryOn(branchPlan(plan, state, past), world, {
      past,
      opening: takeOver(past, [openingOfBranch(plan, state, past)]),
      course: { kind: 'branch', path: branch },
      ...(roundsMax === undefined ? {} : { roundsMax }),
    });
    return { branch, events };
  });
}

function finish(plan: Plan, world: World, past: readonly Event[], ledgers: readonly BranchLedger[]): Played {
  const back = [...past, ...comeBack(past, ledgers)];
  return carryOn(plan, world, { past: back, opening: takeOver(back, [resumeOf(plan)]) });
}

/** The state without what only tells when, and in which order. */
function timeless(state: RunState): unknown {
  const dropped = ['seq', 'at', 'startedAt', 'activeMs', 'spentMs', 'durationMs', 'since'];
  return JSON.parse(JSON.stringify(state, (key, value) => (dropped.includes(key) ? undefined : value)));
}

function check(holds: (away: Played, plan: Plan, world: World, seed: number) => void) {
  let runs = 0;
  fc.assert(
    fc.property(plans({ limited: false }), seeds, troubles, (plan, seed, trouble) => {
      const world = { ...randomWorld(seed, trouble), person: () => true };
      const away = start(plan, world);
      if (away.state.status !== 'away') return;
      runs++;
      holds(away, plan, world, seed);
    }),
    { numRuns, seed },
  );
  expect(runs).toBeGreaterThan(numRuns / 20);
}

test('branches that went on elsewhere and came back leave the run as if they had never gone', () => {
  check((away, plan, world) => {
    const here = play(plan, world);
    const ledgers = branches(plan, world, away.events);
    const there = finish(plan, world, away.events, ledgers);
    expect(timeless(there.state)).toEqual(timeless(here.state));
    expect(there.events.map(({ seq }) => seq)).toEqual(there.events.map((_, index) => index + 1));
    const back = [...away.events, ...comeBack(away.events, ledgers)];
    expect(comeBack(back, ledgers)).toEqual([]);
  });
});

test('what is lost on the way back is done again, and the run ends as it would have', () => {
  check((away, plan, world, seed) => {
    const here = play(plan, world);
    const lose = (branch: string) => Math.floor(chance(seed, `lose ${branch}`) * 12);
    const ledgers = branches(plan, world, away.events, lose).filter(
      ({ branch }) => chance(seed, `never ${branch}`) > 0.2,
    );
    const there = finish(plan, world, away.events, ledgers);
    expect([there.state.status, commitOf(there)]).toEqual([here.state.status, commitOf(here)]);
  });
});

function commitOf({ events }: Played): string | null | undefined {
  return only(events, 'run_completed').at(-1)?.commit;
}

const three = `  - name: cut
    type: split
    parallel: true
    get: {prompt: split}
    run: {agent: claude-opus}
    each:
      - name: write
        type: code
        get: {prompt: write}
        run: {agent: claude-sonnet}
`;
const tasks = ['a', 'b', 'c'].map((name) => ({ name, description: name }));
const agent = (costPerTurnUsd: number): World => ({
  agent: ({ path }) => ({
    costPerTurnUsd,
    turns: path === 'cut/b/write' ? 5 : 1,
    ...(path === 'cut' && { tasks }),
  }),
});

test('each branch has an equal share of what is left, and all together never more than the run has', () => {
  const plan = planOf(three, { root: 'max_budget: 1.3' });
  const world = agent(0.1);
  const away = start(plan, world);
  expect(awaySince(away.events)).toMatchObject({
    branches: ['cut/a', 'cut/b', 'cut/c'],
    share_budget: 0.4,
    share_tokens: null,
  });
  const ledgers = branches(plan, world, away.events);
  for (const { events } of ledgers) expect(budgetOf(plan, fold(events))).toBe(0.5);
  expect(ledgers.map(({ events }) => only(events, 'branch_left').at(-1)?.status)).toEqual([
    'pass',
    'open',
    'pass',
  ]);
  const { events, state } = finish(plan, world, away.events, ledgers);
  expect(state.status).toBe('pass');
  expect(budgetOf(plan, state)).toBe(1.3);
  expect(only(events, 'notice').map(({ message }) => message)).toEqual([
    '3 branches go on in jobs of their own; each may spend $0.40 of what is left',
    "the branch's budget is used up: $0.60 of $0.50; it goes on in the run's own job",
  ]);
});

test('a called workflow around the branches gives them no more than it has left itself', () => {
  const plan = planOf('  - {name: all, workflow: inner}\n', {
    called: { inner: three },
    calledRoots: { inner: 'max_budget: 0.4\nmax_tokens: 100' },
    root: 'max_budget: 5',
  });
  const away = start(plan, {
    agent: ({ path }) => ({ costPerTurnUsd: 0.1, tokensPerTurn: 10, ...(path === 'all/cut' && { tasks }) }),
  });
  expect(awaySince(away.events)).toMatchObject({ share_budget: 0.1, share_tokens: 30 });
});

test('a person who is asked in a branch is asked where the branches come together', () => {
  const asking = '{agent: claude-sonnet, hitl: before_gate}\n        gate: [test]';
  const plan = planOf(three.replace('{agent: claude-sonnet}', asking));
  const away = start(plan, agent(0));
  const ledgers = branches(plan, agent(0), away.events);
  expect(ledgers.map(({ events }) => fold(events).status)).toEqual(['paused', 'paused', 'paused']);
  const asked = finish(plan, agent(0), away.events, ledgers);
  expect([asked.state.status, only(asked.events, 'run_paused').length]).toEqual(['paused', 1]);
  const { state } = finish(plan, { ...agent(0), person: () => true }, away.events, ledgers);
  expect(state.status).toBe('pass');
});

test('where only one branch is to begin, or some have begun, all stay', () => {
  const plan = planOf(three);
  const one = start(plan, { agent: ({ path }) => (path === 'cut' ? { tasks: tasks.slice(0, 1) } : {}) });
  expect([one.state.status, only(one.events, 'run_fanned_out')]).toEqual(['pass', []]);
  const { events } = play(plan, agent(0));
  const past = events.slice(0, events.findIndex(({ type }) => type === 'task_started') + 1);
  const later = carryOn(plan, agent(0), { past, opening: [resumeOf(plan)], course: fanOut });
  expect([later.state.status, only(later.events, 'run_fanned_out')]).toEqual(['pass', []]);
});

test('time counts once, however many worked, and not at all while nobody did', () => {
  const plan = planOf(three);
  const away = start(plan, agent(0));
  const at = (seconds: number) => new Date(Date.UTC(2026, 10, 2) + seconds * 1_000).toISOString();
  const resumed = { type: 'run_resumed', run: 'r1', reason: 'x' } as const;
  const said = (branch: string) => ({ type: 'notice', step: branch, message: 'm' }) as const;
  const ledger = (branch: string, from: number, to: number): BranchLedger => ({
    branch,
    events: [
      ...away.events,
      { v: 1, seq: 0, ts: at(from), ...resumed },
      { v: 1, seq: 0, ts: at(to), ...said(branch) },
    ],
  });
  const ledgers = [ledger('cut/a', 0, 100), ledger('cut/b', 40, 60), ledger('cut/c', 500, 510)];
  const back = [...away.events, ...comeBack(away.events, ledgers)];
  expect(fold(back).activeMs - away.state.activeMs).toBe(110_000);
});

test('a branch with more events than a call may have arguments comes back', () => {
  const away = start(planOf(three), agent(0));
  const ts = '2026-11-02T00:00:00.000Z';
  const resumed: Event = { v: 1, seq: 0, ts, type: 'run_resumed', run: 'r1', reason: 'x' };
  const said: Event = { v: 1, seq: 0, ts, type: 'notice', step: 'cut/a', message: 'm' };
  const events = [...away.events, resumed, ...Array.from({ length: 200_000 }, () => said)];
  const back = comeBack(away.events, [{ branch: 'cut/a', events }]);
  expect(back.filter((event) => event.type === 'notice' && event.message === 'm')).toHaveLength(200_000);
});

test('a ledger that does not begin as the run does is not taken', () => {
  const plan = planOf(three);
  const away = start(plan, agent(0));
  const [first] = branches(plan, agent(0), away.events);
  const foreign = {
    branch: 'cut/a',
    events: (first?.events ?? []).map((event) => ({ ...event, ts: '2020-01-01T00:00:00.000Z' })),
  };
  expect(only(comeBack(away.events, [foreign]), 'step_completed')).toEqual([]);
});
