import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createCommandAgent } from '../../src/agents/command.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { one, only, planOf } from '../engine/given.ts';
import { hang, write } from './fakes.ts';
import { build, open, team, types, usage } from './given.ts';

const guarded = planOf(
  `  - {name: before, type: code, prompt: p, agent: claude}
  - {name: do, type: code, prompt: p, agent: claude, guard: {max_turns: 2}, retry: [{exit: 3}], gate: [test]}`,
);

test('a breached guard ends the agent, discards its work and goes back to where the step started', async () => {
  const made = open(guarded, {
    agent: async (order, tell) => {
      if (order.step === 'before') return build(order, tell);
      write(order, 'work.js', `${order.attempt}\n`);
      if (order.attempt !== 2) return undefined;
      for (const turn of [1, 2, 3]) await tell({ type: 'turn', turn });
      return hang(order, usage(3, 0));
    },
    gate: ({ commit }) => ({ status: made.workspace.files(commit)['work.js'] === '3\n' ? 'pass' : 'fail' }),
  });
  expect((await made.run()).status).toBe('pass');
  const events = await made.events();
  expect(one(events, 'guard_triggered')).toMatchObject({ guard: 'max_turns', attempt: 2 });
  const killed = only(events, 'agent_completed').find(({ attempt, step }) => attempt === 2 && step === 'do');
  expect(killed).toMatchObject({ outcome: 'killed', error: 'max_turns: turn 3 began, 2 are allowed' });
  expect(made.workspace.files(killed?.commit ?? null)).toEqual({ 'a.js': 'a\n', 'made-1.js': 'x\n' });
});

test('an agent that reports without end fills neither ledger nor memory, and its guard holds all the same', async () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, guard: {max_turns: 5500, no_write: true}}',
  );
  const made = open(plan, {
    agent: async (order, tell) => {
      for (let turn = 1; turn <= 6_000; turn++) {
        if (turn <= 5_400) await tell({ type: 'write', path: `file-${turn}`, denied: true });
        await tell({ type: 'turn', turn });
      }
      return hang(order, usage(6_000, 0));
    },
  });
  expect((await made.run()).status).toBe('fail');
  const events = await made.events();
  expect(one(events, 'guard_triggered').reason).toBe('max_turns: turn 5501 began, 5500 are allowed');
  expect(only(events, 'agent_progress').length).toBeLessThan(1_020);
});

test('a guard that is breached by the very last report fails the attempt and keeps nothing of it', async () => {
  for (const late of ['told', 'in the end only'] as const) {
    const made = open(guarded, {
      agent: async (order, tell) => {
        if (order.step === 'before') return build(order, tell);
        write(order, 'work.js', 'x\n');
        if (late === 'told') await tell({ type: 'turn', turn: 3 });
        return { usage: usage(3, 0) };
      },
    });
    expect((await made.run()).status).toBe('fail');
    const events = await made.events();
    expect(only(events, 'guard_triggered').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(only(events, 'gate_started')).toEqual([]);
    expect(made.workspace.files(made.workspace.branch())).toEqual({ 'a.js': 'a\n', 'made-1.js': 'x\n' });
  }
});

test('max_time ends an agent that says nothing', async () => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, guard: {max_time: 1s}}');
  const node = plan.nodes[0];
  if (!node) throw new Error('no node');
  const fast = { ...node, step: { ...node.step, guard: { ...node.step.guard, maxTimeMs: 30 } } };
  const made = open({ ...plan, nodes: [fast] }, { agent: (order) => hang(order) });
  expect((await made.run()).status).toBe('fail');
  expect(one(await made.events(), 'guard_triggered').guard).toBe('max_time');
  expect(one(await made.events(), 'agent_completed').outcome).toBe('killed');
});

const silent = (idleTimeoutMs: number): Plan => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, retry: [{exit: 2}]}');
  const [node] = plan.nodes;
  if (!node) throw new Error('no node');
  const guard = { ...node.step.guard, idleTimeoutMs };
  return { ...plan, nodes: [{ ...node, step: { ...node.step, guard } }] };
};

test('idle_timeout ends an agent that gives no sign of life; the attempt failed and is retried', async () => {
  const made = open(silent(30), { agent: (order) => (order.attempt === 1 ? hang(order) : undefined) });
  expect((await made.run()).status).toBe('pass');
  const guard = one(await made.events(), 'guard_triggered');
  expect([guard.guard, guard.attempt]).toEqual(['idle_timeout', 1]);
  expect(guard.reason).toMatch(/^idle_timeout: the agent gave no sign of life for 0 s/);
  expect(one(await made.events(), 'retry_triggered').reason).toBe(guard.reason);
});

test('whatever an agent prints is a sign of life, and so is an event of its stream', async () => {
  for (const sign of ['bytes', 'events'] as const) {
    const made = open(silent(400), {
      agent: async (order, tell) => {
        for (let time = 0; time < 8; time++) {
          await sleep(100);
          if (sign === 'bytes') order.onAlive?.();
          else await tell({ type: 'text', text: 'still here' });
        }
        return undefined;
      },
    });
    expect((await made.run()).status).toBe('pass');
    expect(only(await made.events(), 'guard_triggered')).toEqual([]);
  }
});

test('a real program that falls silent is ended with all its children; one that mutters lives on', async () => {
  const script = `cat > /dev/null
if [ "$GUMP_ATTEMPT" = 1 ]; then sh -c 'echo $$ > child; exec sleep 60' & echo hello; sleep 60; fi
for i in 1 2 3 4 5 6; do sleep 0.3; echo . >&2; done; echo done`;
  let child = 0;
  const made = open(silent(1000), {
    agent: async (order, tell) => {
      const config = { command: ['sh', '-c', script] };
      const env = { PATH: process.env.PATH ?? '' };
      const end = await createCommandAgent({ name: 'mine', config, env, source: {} }).launch(order, tell);
      if (order.attempt === 1) child = Number(readFileSync(join(order.cwd, 'child'), 'utf8'));
      return end;
    },
  });
  expect((await made.run()).status).toBe('pass');
  expect(child).toBeGreaterThan(0);
  expect(() => process.kill(child, 0)).toThrow('ESRCH');
  expect(one(await made.events(), 'guard_triggered').attempt).toBe(1);
  expect(only(await made.events(), 'agent_completed').map(({ outcome }) => outcome)).toEqual([
    'killed',
    'ok',
  ]);
});

test("the run's time limit interrupts what is running, and the run ends", async () => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, retry: [{exit: 9}]}');
  const made = open(
    { ...plan, limits: { ...plan.limits, maxTimeoutMs: 40 } },
    { agent: (order) => hang(order) },
  );
  expect((await made.run()).status).toBe('fail');
  const events = await made.events();
  expect(one(events, 'budget_exceeded').kind).toBe('time');
  // On a busy machine the time is up before the launch.
  expect(only(events, 'agent_launched').length).toBeLessThanOrEqual(1);
  expect(one(events, 'run_completed').reason).toContain("the run's time is used up");
});

test("the run's budget stops the running agent at the first report that exceeds", async () => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, retry: [{exit: 9}]}', {
    root: 'max_budget: 1',
  });
  const made = open(plan, {
    agent: async (order, tell) => {
      for (let turn = 1; !order.signal.aborted; turn++) {
        await tell({ type: 'usage', usage: usage(turn, turn * 0.4) });
        await sleep(1);
      }
      return { outcome: 'killed', error: 'killed', usage: usage(3, 1.2) };
    },
  });
  const state = await made.run();
  expect(state.status).toBe('fail');
  expect(state.spent.cost).toBeCloseTo(1.2, 6);
  expect(types(await made.events()).at(-1)).toBe('run_completed');
});

test('when a limit is exceeded nothing that was being prepared is launched any more', async () => {
  const plan = planOf(
    `  - name: plan
    type: split
    parallel: true
    prompt: p
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude}`,
    { root: 'max_budget: 1' },
  );
  const launched: string[] = [];
  const { promise: ready, resolve: release } = Promise.withResolvers<void>();
  const made = open(plan, {
    agent: async (order, tell) => {
      launched.push(order.step);
      if (order.stepKind === 'split') return team(order, tell);
      setTimeout(release, 20);
      return { usage: usage(1, 5) };
    },
  });
  const tree = made.workspace.tree;
  Object.assign(made.workspace, {
    tree: async (scope: string, commit: string) => {
      if (scope === 'plan/b') await ready;
      return tree(scope, commit);
    },
  });
  expect((await made.run()).status).toBe('fail');
  expect(launched).toEqual(['plan', 'plan/a/do']);
  expect(types(await made.events()).at(-1)).toBe('run_completed');
});
