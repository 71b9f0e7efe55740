import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { one, only, planOf } from '../engine/given.ts';
import { hang, write } from './fakes.ts';
import { build, open, rich, simple, team, types } from './given.ts';

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

test('a group that begins again tells its agents why, once, whether their prompts quote {error} or not', async () => {
  const again = planOf(`  - name: loop
    retry: [{exit: 2}]
    steps:
      - {name: do, type: code, prompt: build, agent: claude}
      - {name: say, type: code, prompt: "say {error}", agent: claude}
      - {name: judge, type: validate, prompt: judge, agent: claude}
      - {name: check, gate: [test]}`);
  const prompts: string[] = [];
  let rounds = 0;
  const made = open(again, {
    agent: async ({ prompt, stepKind }) => {
      prompts.push(prompt);
      return stepKind === 'validate' ? { output: '{"pass":true}' } : undefined;
    },
    gate: async () => (++rounds === 1 ? { status: 'fail', reason: 'red' } : { status: 'pass' }),
  });
  expect((await made.run()).status).toBe('pass');
  const told = prompts.map((prompt) => [
    prompt.split('loop/check: test: red').length - 1,
    prompt.includes('## The round before failed'),
  ]);
  expect(told).toEqual([
    [0, false],
    [0, false],
    [0, false],
    [1, true],
    [1, false],
    [0, false],
  ]);
});

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

test('an agent that is not there fails the attempt with what to do', async () => {
  const made = open(planOf('  - {name: do, type: code, prompt: p, agent: absent}'));
  expect((await made.run()).steps.do?.reason).toBe('there is no absent; install it');
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
