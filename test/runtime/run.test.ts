import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { createCommandAgent } from '../../src/agents/command.ts';
import type { Event, Fact } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { one, only, planOf } from '../engine/given.ts';
import { type Acting, type Bench, bench, type Fakes, hang, stillOpen, write } from './fakes.ts';

const benches: Bench[] = [];
afterEach(() => {
  for (const made of benches.splice(0)) made.close();
});
function open(plan: Plan, fakes: Fakes = {}): Bench {
  const made = bench(plan, fakes);
  benches.push(made);
  return made;
}

const simple = planOf(
  '  - {name: do, type: code, prompt: "build {spec}", agent: claude, gate: [test], retry: [{exit: 3}]}',
);
const build: Acting = (order) => {
  write(order, `made-${order.attempt}.js`, 'x\n');
  return undefined;
};
const usage = (turns: number, cost: number) => ({ turns, tokens_in: 0, tokens_out: 0, cost });
const types = (events: readonly Event[]) => events.map(({ type }) => type);

test('a run ends with its result on the branch', async () => {
  const { run, workspace, events } = open(simple, { agent: build });
  const state = await run();
  expect(state.status).toBe('pass');
  expect(workspace.files(workspace.branch())).toEqual({ 'a.js': 'a\n', 'made-1.js': 'x\n' });
  const end = one(await events(), 'agent_completed');
  expect([end.files, end.step_files]).toEqual([['made-1.js'], ['made-1.js']]);
});

test('R4: what costs money is announced and brought to safety before it starts', async () => {
  const seen: string[] = [];
  const made = open(simple, {
    agent: async () => {
      seen.push(...types(await made.events()), `settled ${made.ledger.settled.length > 0}`);
      return undefined;
    },
  });
  await made.run();
  expect(seen).toEqual(['run_started', 'step_started', 'agent_launched', 'settled true']);
});

test('the agent is given the rendered prompt, its tree and a scratch folder outside of it', async () => {
  const { run } = open(simple, {
    agent: (order) => {
      expect(order.prompt).toContain('build build it');
      expect(order.cwd.startsWith(order.scratch)).toBe(false);
      expect(order.scratch.startsWith(order.cwd)).toBe(false);
      expect(order.resultFile.startsWith(order.scratch)).toBe(true);
      return undefined;
    },
  });
  expect((await run()).status).toBe('pass');
});

test('R6: sinks that fail in every way change nothing', async () => {
  const bad = {
    name: 'bad',
    open: () => {
      throw new Error('cannot open');
    },
    event: () => {
      throw new Error('cannot show');
    },
    close: async () => {
      throw new Error('cannot close');
    },
  };
  const rejecting = { ...bad, name: 'rejecting', open: async () => Promise.reject(new Error('no')) };
  const plain = open(simple, { agent: build });
  await plain.run();
  const { run, events } = open(simple, { agent: build, sinks: [bad, rejecting] });
  expect((await run()).status).toBe('pass');
  const told = (await events()).filter(({ type }) => type !== 'notice');
  expect(types(told)).toEqual(types(await plain.events()));
});

test('sinks see every event in order, and the past when a run goes on', async () => {
  const shown: number[] = [];
  const past: number[] = [];
  const sink = {
    name: 'good',
    open: (_: Plan, before: readonly Event[]) => void past.push(before.length),
    event: ({ seq }: Event) => void shown.push(seq),
    close: async () => undefined,
  };
  const { run, events } = open(simple, { gate: () => ({ status: 'fail', reason: 'red' }), sinks: [sink] });
  await run();
  const first = (await events()).length;
  await run();
  expect(past).toEqual([0, first]);
  expect(shown).toEqual((await events()).map(({ seq }) => seq));
});

const rich = planOf(
  `  - name: plan
    type: split
    parallel: true
    prompt: cut
    agent: claude
    gate: [schema]
    each:
      - name: do
        type: code
        prompt: p
        agent: claude
        gate: [test, {validate: validators/arch-review}]
        retry: [{exit: 3}]
  - {name: last, gate: [lint]}`,
  { validators: { 'validators/arch-review': '  - {name: judge, type: validate, prompt: p, agent: claude}' } },
);
const team: Acting = async (order, tell) => {
  await tell({ type: 'turn', turn: 1 });
  await tell({ type: 'usage', usage: usage(1, 0.1) });
  if (order.stepKind === 'split')
    return {
      output: '[{"name":"a","description":"a"},{"name":"b","description":"b"}]',
      usage: usage(1, 0.1),
    };
  if (order.stepKind === 'validate') return { output: '{"pass":true}', usage: usage(1, 0.1) };
  const task = order.step.split('/')[1];
  write(order, `${task}.js`, `${order.attempt}\n`);
  return { usage: usage(1, 0.1) };
};
test('parallel tasks are merged into one branch', async () => {
  const { run, workspace, events } = open(rich, { agent: team });
  expect((await run()).status).toBe('pass');
  expect(workspace.files(workspace.branch())).toEqual({ 'a.js': '1\n', 'b.js': '1\n' });
  expect(only(await events(), 'task_merged').map(({ task }) => task)).toEqual(['a', 'b']);
});

test('R4: no event names a commit that the ledger does not hold already, on the line or beside it', async () => {
  const reset = planOf(`  - name: side
    parallel: true
    steps:
      - name: a
        type: code
        prompt: p
        agent: claude
        gate: [test]
        retry: [{attempt: 2, worktree: reset}, {exit: 2}]
      - {name: b, type: code, prompt: p, agent: claude, guard: {max_turns: 1}, gate: [test], retry: [{exit: 2}]}
  - {name: c, type: code, prompt: p, agent: claude}`);
  const named: string[] = [];
  const made = open(reset, {
    agent: async (order, tell) => {
      write(order, `${order.step.replaceAll('/', '.')}.js`, `${order.attempt}\n`);
      if (order.step === 'side/b' && order.attempt === 2) {
        await tell({ type: 'turn', turn: 2 });
        return hang(order);
      }
      return {};
    },
    judge: ({ attempt }) => ({ status: attempt === 1 ? 'fail' : 'pass' }),
    ledger: (inner) => ({
      ...inner,
      append: async (events) => {
        for (const event of events) {
          if (!('commit' in event) || typeof event.commit !== 'string' || event.commit === 'b0') continue;
          named.push(event.type);
          expect(inner.held).toContain(event.commit);
        }
        return inner.append(events);
      },
    }),
  });
  expect((await made.run()).status).toBe('fail');
  expect(new Set(named)).toEqual(
    new Set([
      'agent_completed',
      'state_updated',
      'gate_started',
      'gate_passed',
      'gate_failed',
      'tree_reset',
      'task_merged',
      'step_completed',
      'run_completed',
    ]),
  );
});

test('whichever append fails, the run stops with an error, and the next engine comes to the same result', async () => {
  const plain = open(rich, { agent: team });
  const whole = await plain.run();
  const expected = plain.workspace.files(plain.workspace.branch());
  const appends = (await plain.events()).length;
  let failed = 0;
  for (let nth = 1; nth <= appends; nth++) {
    let count = 0;
    const launched: string[] = [];
    const made = open(rich, {
      agent: (order, tell) => {
        launched.push(`${order.step}#${order.attempt}`);
        return team(order, tell);
      },
      ledger: (inner) => ({
        ...inner,
        append: async (events) => {
          if (++count === nth) throw new Error('disk full');
          await inner.append(events);
        },
      }),
    });
    const before = await made.run().then(
      ({ status }) => status,
      (error: Error) => error.message,
    );
    if (count < nth) break;
    failed++;
    expect(before).toBe('disk full');
    const done = only(await made.events(), 'agent_completed').map(
      ({ step, attempt }) => `${step}#${attempt}`,
    );
    launched.length = 0;
    const state = await made.run();
    expect([nth, state.status]).toEqual([nth, whole.status]);
    expect(made.workspace.files(made.workspace.branch())).toEqual(expected);
    expect(launched.filter((id) => done.includes(id))).toEqual([]);
    made.close();
  }
  expect(failed).toBeGreaterThan(20);
});

test('a stop leaves the attempt open, records why, and repeats at most that one', async () => {
  const stop = new AbortController();
  const launched: string[] = [];
  let calm = 0;
  const made = open(rich, {
    agent: async (order, tell) => {
      launched.push(`${order.step}#${order.attempt}`);
      calm++;
      if (order.step === 'plan/b/do' && !stop.signal.aborted) {
        await tell({ type: 'usage', usage: usage(2, 0.5) });
        stop.abort('SIGTERM');
        return hang(order, usage(2, 0.5));
      }
      return team(order, tell);
    },
  });
  const state = await made.run({ signal: stop.signal });
  expect(state.status).toBe('cancelled');
  const before = await made.events();
  expect(before.at(-1)).toMatchObject({ type: 'run_interrupted', signal: 'SIGTERM' });
  expect(await stillOpen(made)).toEqual([]);
  const done = only(before, 'agent_completed').map(({ step, attempt }) => `${step}#${attempt}`);
  expect(done).not.toContain('plan/b/do#1');
  launched.length = 0;
  const after = await made.run();
  expect(after.status).toBe('pass');
  expect(launched.filter((id) => done.includes(id))).toEqual([]);
  expect(launched).toContain('plan/b/do#1');
  // What the stopped launch had spent stays booked.
  expect(calm).toBe(6);
  expect(after.spent.cost).toBeCloseTo(0.5 + 0.1 * 5, 6);
});

test('in a parallel run no effect that has ended is started again', async () => {
  for (let round = 0; round < 20; round++) {
    const gate = async () => {
      await sleep(round % 3);
      return {};
    };
    const made = open(rich, { agent: team, gate });
    await made.run();
    const events = await made.events();
    for (const type of ['gate_started', 'agent_launched', 'gate_passed'] as const) {
      const ids = only(events, type).map(
        (event) => `${event.step}#${event.attempt} ${'gate' in event ? event.gate : ''}`,
      );
      expect(ids).toEqual([...new Set(ids)]);
    }
  }
});

test('a gate that was stopped has judged nothing and runs again', async () => {
  const stop = new AbortController();
  const made = open(simple, {
    gate: async () => {
      if (!stop.signal.aborted) stop.abort('SIGINT');
      return { status: 'fail', reason: 'killed' };
    },
  });
  expect((await made.run({ signal: stop.signal })).status).toBe('cancelled');
  expect(only(await made.events(), 'gate_failed')).toEqual([]);
});

test('a stop before the run has begun starts nothing', async () => {
  const stop = new AbortController();
  stop.abort('SIGINT');
  const made = open(simple, { agent: () => expect.fail('launched') });
  expect((await made.run({ signal: stop.signal })).status).toBe('cancelled');
});

test('a stop that comes behind the end of the run leaves its end as it is', async () => {
  const stop = new AbortController();
  const sink = {
    name: 'stopper',
    open: () => undefined,
    event: ({ type }: Event) => {
      if (type === 'run_completed') stop.abort('SIGINT');
    },
    close: async () => undefined,
  };
  const made = open(simple, { sinks: [sink] });
  expect((await made.run({ signal: stop.signal })).status).toBe('pass');
  expect(types(await made.events()).at(-1)).toBe('run_completed');
});

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

test('what an attempt left unremovable costs the run nothing, and an attempt that cannot begin with a fresh folder begins not', async () => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude}');
  let calls = 0;
  const clear = async (): Promise<void> => {
    if (++calls > 1) throw new Error('EACCES: permission denied, rmdir');
  };
  const left = open(plan, { clear });
  expect((await left.run()).status).toBe('pass');
  expect(calls).toBe(2);
  const stale = open(plan, { clear });
  await expect(stale.run()).rejects.toThrow('EACCES');
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

test('a step that may only read and wrote has failed, with the files named', async () => {
  const plan = planOf('  - {name: judge, type: validate, prompt: p, agent: claude}');
  const made = open(plan, {
    agent: (order) => {
      write(order, 'sneaky.js', 'x');
      return { output: '{"pass":true}' };
    },
  });
  const state = await made.run();
  expect(state.status).toBe('fail');
  expect(state.steps.judge?.reason).toBe('wrote where nothing may be written: sneaky.js');
  expect(made.workspace.branch()).not.toContain('sneaky');
});

test('a forbidden write that was prevented fails the attempt, too', async () => {
  const plan = planOf('  - {name: judge, type: validate, prompt: p, agent: claude}');
  const made = open(plan, {
    agent: async (_, tell) => {
      await tell({ type: 'write', path: '/tmp/fine.js', denied: false });
      await tell({ type: 'write', path: 'sneaky.js', denied: true });
      return { output: '{"pass":true}' };
    },
  });
  expect((await made.run()).steps.judge?.reason).toBe('wrote where nothing may be written: sneaky.js');
});

const withJudge = (steps: string) =>
  planOf('  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/v}, test]}', {
    validators: { 'validators/v': steps },
  });

test('a validator can change nothing: what a step of it writes is in no commit, and fails it', async () => {
  const plan = withJudge(
    '  - {name: fix, type: code, prompt: p, agent: claude}\n  - {name: judge, type: validate, prompt: p, agent: claude}',
  );
  const made = open(plan, {
    agent: (order, tell) => {
      if (order.step === 'do') return build(order, tell);
      expect(order.access).toBe('read-only');
      if (order.step === 'do/v/fix') write(order, 'sneaky.js', 'x');
      return { output: '{"pass":true}' };
    },
  });
  const state = await made.run();
  expect(state.status).toBe('fail');
  expect(state.steps.do?.reason).toContain('wrote where nothing may be written: sneaky.js');
  expect(made.workspace.files(made.workspace.branch())).toEqual({ 'a.js': 'a\n', 'made-1.js': 'x\n' });
});

test('an agent that is not there fails the attempt with what to do', async () => {
  const made = open(planOf('  - {name: do, type: code, prompt: p, agent: absent}'));
  expect((await made.run()).steps.do?.reason).toBe('there is no absent; install it');
});

test('when the world breaks for one task, the attempts of the others stay open for the next engine', async () => {
  let broken = true;
  const launched: string[] = [];
  const made = open(rich, {
    agent: async (order, tell) => {
      launched.push(`${order.step}#${order.attempt}`);
      if (broken && order.step === 'plan/a/do') return hang(order);
      if (broken && order.step === 'plan/b/do') {
        await sleep(20);
        broken = false;
        throw new Error('git is gone');
      }
      return team(order, tell);
    },
  });
  await expect(made.run()).rejects.toThrow('git is gone');
  expect(only(await made.events(), 'agent_completed').map(({ step }) => step)).toEqual(['plan']);
  expect((await made.run()).status).toBe('pass');
  expect(launched.filter((id) => id === 'plan/a/do#1')).toHaveLength(2);
});

const asking = planOf(
  '  - {name: do, type: code, prompt: p, agent: claude, hitl: before_gate, gate: [test]}',
);

test('a limit that a person lowers while an agent works ends it there, and what comes later is for the next engine', async () => {
  let tell: (facts: readonly Fact[]) => Promise<void> = async () => undefined;
  const set = (max_budget: number): Fact => {
    return { type: 'budget_set', run: simple.run, max_budget, by: 'mara', order: '7' };
  };
  const made = open(simple, {
    agent: async (order, report) => {
      await report({ type: 'usage', usage: usage(2, 0.5) });
      void tell([set(0.1)]);
      return hang(order, usage(2, 0.5));
    },
  });
  let stopped = 0;
  const listen = (given: typeof tell) => {
    tell = given;
    return () => void stopped++;
  };
  expect((await made.run({ listen })).status).toBe('fail');
  expect(stopped).toBe(1);
  const events = await made.events();
  expect(one(events, 'budget_exceeded')).toMatchObject({ scope: 'run', kind: 'budget', max: 0.1 });
  await tell([set(5)]);
  expect(await made.events()).toEqual(events);
});

test('a person at the terminal is asked, and the answer is an event', async () => {
  const made = open(asking, { ask: async () => 'approve' });
  expect((await made.run()).status).toBe('pass');
  expect(one(await made.events(), 'hitl_resumed').approved).toBe(true);
});

test('where nobody answers the run pauses', async () => {
  const made = open(asking);
  expect((await made.run()).status).toBe('paused');
});

test('a stop while a person is asked ends the run at once, resumable', async () => {
  const stop = new AbortController();
  const made = open(asking, {
    ask: () => {
      stop.abort('SIGTERM');
      return new Promise(() => undefined);
    },
  });
  expect((await made.run({ signal: stop.signal })).status).toBe('cancelled');
  expect(types(await made.events()).at(-1)).toBe('run_interrupted');
});

test('the time between two engines is no time of the run', async () => {
  const stop = new AbortController();
  const made = open(simple, {
    agent: (order) => {
      if (stop.signal.aborted) return undefined;
      stop.abort('SIGKILL');
      return hang(order);
    },
    ledger: (inner) => ({
      ...inner,
      // A killed engine says nothing more.
      append: async (events) =>
        stop.signal.aborted &&
        events.some(({ type }) => type === 'agent_killed' || type === 'run_interrupted')
          ? Promise.reject(new Error('dead'))
          : inner.append(events),
    }),
  });
  await expect(made.run({ signal: stop.signal })).rejects.toThrow('dead');
  const lost = await made.events();
  expect(await stillOpen(made)).toEqual(['do#1']);
  const later = bench(simple);
  benches.push(later);
  await later.ledger.append(lost.map((event) => ({ ...event, ts: '2026-10-01T00:00:00.000Z' })));
  const state = await later.run();
  expect(state.status).toBe('pass');
  expect(state.activeMs).toBeLessThan(60_000);
  expect(types(await later.events()).slice(lost.length, lost.length + 2)).toEqual([
    'run_resumed',
    'agent_killed',
  ]);
});

test('names of any allowed length work', async () => {
  const long = 'x'.repeat(64);
  const plan = planOf(
    `  - name: ${long}
    type: split
    prompt: p
    agent: claude
    each:
      - {name: ${long}, type: code, prompt: p, agent: claude, gate: [test, {validate: validators/v}]}`,
    { validators: { 'validators/v': `  - {name: ${long}, type: validate, prompt: p, agent: claude}` } },
  );
  const made = open(plan, {
    agent: (order, tell) =>
      order.stepKind === 'split'
        ? { output: JSON.stringify([{ name: long, description: 'd' }]) }
        : team(order, tell),
    gate: () => ({ log: 'log' }),
  });
  expect((await made.run()).status).toBe('pass');
});
