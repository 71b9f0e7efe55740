import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AgentEffect } from '../../src/engine/effect.ts';
import type { RunState, Steps } from '../../src/engine/state.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { only, resumeOf } from '../engine/given.ts';
import { plans, randomWorld, seeds, troubles } from '../engine/random.ts';
import { carryOn, play, takeOver, type World } from '../engine/world.ts';
import { type Acting, type Bench, bench, type Fakes, write } from './fakes.ts';

/** The same runs every time; `GUMP_SEED=7 GUMP_EFFORT=20` looks elsewhere, and longer. */
const seed = Number(process.env.GUMP_SEED ?? 1);
const effort = Number(process.env.GUMP_EFFORT ?? 1);

// Without limits of called workflows: whether an agent ends before or behind the excess that it reports is the clock's.
test('the real loop comes to the same end as the simulated world, and its branch only moves forward', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(plans({ limited: false }), seeds, troubles, async (plan, worldSeed, trouble) => {
      const world = withoutConflicts(randomWorld(worldSeed, trouble));
      await withBench(plan, fakesOf(world), async (made) => {
        const state = await made.run();
        expect(resultOf(state)).toEqual(resultOf(play(plan, world).state));
        const end = only(await made.events(), 'run_completed').at(-1);
        if (made.workspace.branch() !== null && end) expect(made.workspace.branch()).toBe(end.commit);
      });
    }),
    { numRuns: 60 * effort, seed },
  );
});

test('a run that is stopped anywhere and goes on comes to the same end, and repeats no attempt that had ended', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      plans({ limited: false }),
      seeds,
      fc.integer({ min: 1, max: 60 }),
      async (plan, worldSeed, stopAt) => {
        const world = withoutConflicts(randomWorld(worldSeed, 0.2));
        const stop = new AbortController();
        const launched: string[] = [];
        const sink = {
          name: 'stopper',
          open: () => undefined,
          event: ({ seq }: { seq: number }) => {
            if (seq === stopAt) stop.abort('SIGTERM');
          },
          close: async () => undefined,
        };
        const fakes = fakesOf(world, (id) => launched.push(id));
        await withBench(plan, { ...fakes, sinks: [sink] }, async (made) => {
          const first = await made.run({ signal: stop.signal });
          if (first.status !== 'cancelled') return;
          const past = await made.events();
          const done = new Set(
            only(past, 'agent_completed').map(({ step, attempt }) => `${step}#${attempt}`),
          );
          launched.length = 0;
          const state = await made.run();
          const simulated = carryOn(plan, world, { past, opening: takeOver(past, [resumeOf(plan)]) });
          expect(resultOf(state)).toEqual(resultOf(simulated.state));
          expect(launched.filter((id) => done.has(id))).toEqual([]);
        });
      },
    ),
    { numRuns: 60 * effort, seed },
  );
});

async function withBench(plan: Plan, fakes: Fakes, use: (made: Bench) => Promise<void>): Promise<void> {
  const made = bench(plan, fakes);
  try {
    await use(made);
  } finally {
    made.close();
  }
}

function withoutConflicts({ conflicts: _, ...world }: World): World {
  return world;
}

function fakesOf(world: World, onLaunch: (id: string) => void = () => undefined): Fakes {
  const agent: Acting = async (order, tell) => {
    const id = `${order.step}#${order.attempt}`;
    onLaunch(id);
    const answer =
      world.agent?.({ id, stepKind: order.stepKind, attempt: order.attempt } as AgentEffect) ?? {};
    if (order.stepKind === 'code' && order.access === 'read-write' && (answer.changes ?? ['x']).length > 0)
      write(order, `${order.step.replaceAll('/', '+')}.js`, `${order.attempt}\n`);
    const usage = (turns: number) => ({ turns, tokens_in: 0, tokens_out: 0, cost: turns * 0.01 });
    const turns = answer.turns ?? 1;
    for (let turn = 1; turn <= turns; turn++) {
      await tell({ type: 'usage', usage: usage(turn) });
      if (order.signal.aborted) return { outcome: 'killed', error: 'killed', usage: usage(turn) };
    }
    for (const path of answer.denied ?? []) await tell({ type: 'write', path, denied: true });
    const result = order.stepKind === 'split' ? (answer.tasks ?? []) : (answer.verdict ?? { pass: true });
    const output = answer.output ?? (order.stepKind === 'code' ? 'done' : JSON.stringify(result));
    const failed = answer.outcome === 'error';
    return {
      outcome: failed ? 'error' : 'ok',
      error: failed ? 'the agent crashed' : null,
      output,
      usage: usage(turns),
      ...(answer.session === undefined ? {} : { sessionId: answer.session }),
    };
  };
  return {
    agent,
    ask: async (question) => {
      const [, step = '', attempt = ''] = /^(.*): .*, attempt (\d+)\. Approve\?$/.exec(question) ?? [];
      const answer = world.person?.(step, Number(attempt)) ?? null;
      return answer === null ? null : answer ? 'approve' : 'reject';
    },
    judge: (effect) => {
      const answer = world.gate?.(effect) ?? 'pass';
      return typeof answer === 'string' ? { status: answer } : answer;
    },
  };
}

/** What a run has come to, without what depends on commits and clocks. */
function resultOf(state: RunState): unknown {
  return { status: state.status, steps: resultsOf(state.steps) };
}

function resultsOf(steps: Steps): unknown {
  return Object.entries(steps).map(([name, step]) => [
    name,
    step.status,
    step.reason,
    step.attempt?.number,
    step.attempt?.agent,
    Object.entries(step.tasks)
      .map(([task, { steps: inner }]) => [task, resultsOf(inner)])
      .sort(),
    resultsOf(step.steps),
  ]);
}
