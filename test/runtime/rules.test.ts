/** Rules of the language that only a run shows; each title is the rule. */
import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Event, EventType } from '../../src/events/event.ts';
import { one, only, planOf } from '../engine/given.ts';
import { hang, write } from './fakes.ts';
import { open } from './given.ts';

test('`worktree: none` gives the agent an empty folder, and nothing of it is kept', async () => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, worktree: none}');
  let found: readonly string[] = ['not asked'];
  const { run, workspace, events } = open(plan, {
    agent: (order) => {
      found = readdirSync(order.cwd);
      write(order, 'b.js', 'b\n');
      return undefined;
    },
  });
  expect((await run()).status).toBe('pass');
  expect(found).toEqual([]);
  expect(workspace.files(workspace.branch() ?? 'b0')).toEqual({ 'a.js': 'a\n' });
  expect(one(await events(), 'agent_completed').files).toEqual([]);
});

test('tool calls, files written and the time to the first change come from the agent’s stream and its tree', async () => {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude}');
  const { run, events } = open(plan, {
    agent: async (order, tell) => {
      await tell({ type: 'tool', name: 'read', detail: 'a.js' });
      await tell({ type: 'tool', name: 'write', detail: 'b.js' });
      write(order, 'b.js', 'b\n');
      await tell({ type: 'write', path: 'b.js', denied: false });
      await tell({ type: 'write', path: 'b.js', denied: false });
      return undefined;
    },
  });
  await run();
  const end = one(await events(), 'agent_completed');
  expect(end).toMatchObject({ tool_calls: 2, files: ['b.js'], first_change_ms: expect.any(Number) });
});

test('an agent that told of no change has no time to its first change', async () => {
  const { run, events } = open(planOf('  - {name: do, type: code, prompt: p, agent: claude}'));
  await run();
  const end = one(await events(), 'agent_completed');
  expect(end.tool_calls).toBe(0);
  expect(end).not.toHaveProperty('first_change_ms');
});

/** What the documentation of the ledger promises of each type, beside `v`, `seq`, `ts` and `type`. */
const promised: Readonly<Partial<Record<EventType, readonly string[]>>> = {
  run_started: [],
  run_resumed: [],
  step_started: ['step', 'step_type', 'agent', 'task', 'attempt', 'session_mode'],
  agent_launched: ['step', 'prompt_hash', 'session_id'],
  agent_completed: ['step', 'exit_code', 'duration_ms', 'tokens_in', 'tokens_out', 'cost', 'session_id'],
  agent_killed: ['step', 'reason'],
  state_updated: ['step'],
  gate_started: ['step', 'gate'],
  gate_passed: ['step', 'gate'],
  gate_failed: ['step', 'gate', 'reason'],
  guard_triggered: ['step', 'guard', 'reason'],
  retry_triggered: ['step', 'attempt', 'overrides'],
  hitl_paused: ['step'],
  hitl_resumed: ['step'],
  budget_exceeded: ['scope', 'max', 'current'],
  step_completed: ['step', 'status', 'commit'],
  run_completed: ['status', 'duration_ms', 'cost'],
};

test('every type of event that the ledger promises is written, with at least the promised fields', async () => {
  const plan = planOf(
    `  - {name: do, type: code, prompt: p, agent: claude, gate: [test], guard: {max_turns: 1}, hitl: after_gate, retry: [{attempt: 2, session: new}, {exit: 3}]}
  - {name: dear, type: code, prompt: p, agent: claude}`,
    { root: 'max_budget: 1' },
  );
  const usage = (turns: number, cost: number) => ({ turns, tokens_in: 1, tokens_out: 1, cost });
  const made = open(plan, {
    agent: async (order, tell) => {
      if (order.step === 'dear') {
        await tell({ type: 'usage', usage: usage(1, 2) });
        return hang(order, usage(1, 2));
      }
      if (order.attempt > 1) return undefined;
      await tell({ type: 'turn', turn: 2 });
      return hang(order, usage(2, 0));
    },
    judge: ({ attempt }) => ({ status: attempt === 2 ? 'fail' : 'pass', reason: 'red' }),
    ask: async () => 'approve',
  });
  await made.run();
  await made.run();
  const events = await made.events();
  const types = Object.keys(promised) as EventType[];
  expect(types.filter((type) => only(events, type).length === 0)).toEqual([]);
  const lacking = events.flatMap((event) =>
    (promised[event.type] ?? [])
      .filter((field) => !(field in event))
      .map((field) => `${event.type}.${field}`),
  );
  expect(lacking).toEqual([]);
  expect(events.map(({ v, seq, ts }) => [v, seq, /^\d{4}-.*Z$/.test(ts)])).toEqual(
    events.map((_, index) => [1, index + 1, true]),
  );
});

test('every event below the run carries the path of its step, by names, without the attempt', async () => {
  const plan = planOf(
    `  - name: cut
    type: split
    prompt: p
    agent: claude
    each:
      - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: v/x}]}`,
    { validators: { 'v/x': '  - {name: look, type: validate, prompt: p, agent: claude}' } },
  );
  const made = open(plan, {
    agent: ({ stepKind }) => {
      if (stepKind === 'split') return { output: '[{"name": "one", "description": "d"}]' };
      return stepKind === 'validate' ? { output: '{"pass": true}' } : undefined;
    },
  });
  expect((await made.run()).status).toBe('pass');
  const ofRun = /^run_/;
  const below = (await made.events()).filter(({ type }) => !ofRun.test(type));
  const pathOf = (event: Event): unknown => ('step' in event ? event.step : undefined);
  expect(new Set(below.map(pathOf))).toEqual(new Set(['cut', 'cut/one/do', 'cut/one/do/x/look']));
});

test('`agent_launched` stands once for each launch, those of validators included', async () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: v/x}], retry: [{exit: 2}]}',
    { validators: { 'v/x': '  - {name: look, type: validate, prompt: p, agent: codex}' } },
  );
  const launched: string[] = [];
  const made = open(plan, {
    agent: ({ step, attempt, agent, stepKind }) => {
      launched.push(`${step}#${attempt} ${agent}`);
      const verdict = attempt === 1 ? '{"pass": false, "comments": "no"}' : '{"pass": true}';
      return stepKind === 'validate' ? { output: verdict } : undefined;
    },
  });
  expect((await made.run()).status).toBe('pass');
  const told = only(await made.events(), 'agent_launched').map(
    ({ step, attempt, agent }) => `${step}#${attempt} ${agent}`,
  );
  expect(told).toEqual(launched);
  expect(told).toEqual(['do#1 claude', 'do/x/look#1 codex', 'do#2 claude', 'do/x/look#2 codex']);
});
