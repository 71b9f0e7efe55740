import { expect, test } from 'vitest';
import { breach } from '../../src/engine/guard.ts';
import type { Guard } from '../../src/workflow/workflow.ts';
import { one, only, planOf, stepOf } from './given.ts';
import { play, type World } from './world.ts';

const none: Guard = {
  maxTurns: null,
  maxBudgetUsd: null,
  maxTokens: null,
  maxTimeMs: null,
  idleTimeoutMs: null,
  noWrite: false,
};
const usage = { turns: 3, tokens_in: 70, tokens_out: 30, cost: 0.5 };

test('max_turns: N is breached when turn N+1 begins, not before', () => {
  expect(breach({ ...none, maxTurns: 3 }, usage)).toBeNull();
  expect(breach({ ...none, maxTurns: 2 }, usage)).toEqual({
    guard: 'max_turns',
    reason: 'max_turns: turn 3 began, 2 are allowed',
  });
});

test('max_tokens counts input and output, and what is exactly allowed is no breach', () => {
  expect(breach({ ...none, maxTokens: 100 }, usage)).toBeNull();
  expect(breach({ ...none, maxTokens: 99 }, usage)?.guard).toBe('max_tokens');
});

test('max_budget counts dollars', () => {
  expect(breach({ ...none, maxBudgetUsd: 0.5 }, usage)).toBeNull();
  expect(breach({ ...none, maxBudgetUsd: 0.49 }, usage)?.reason).toBe('max_budget: $0.50 of $0.49');
});

test('an agent that has reported nothing breaches nothing', () => {
  expect(breach({ ...none, maxTurns: 0 }, null)).toBeNull();
});

const guarded = planOf(`  - name: do
    type: code
    prompt: p
    agent: claude-sonnet
    guard: {max_turns: 2}
    gate: [test]
    retry: [{exit: 2}]`);

test('a breach is one event, the attempt has failed, its gates are not asked, and a retry follows', () => {
  const world: World = { agent: ({ attempt }) => ({ turns: attempt === 1 ? 5 : 1 }) };
  const { events, state } = play(guarded, world);
  expect(one(events, 'guard_triggered').attempt).toBe(1);
  expect(one(events, 'retry_triggered').reason).toBe('max_turns: turn 3 began, 2 are allowed');
  expect(only(events, 'gate_started').map(({ attempt }) => attempt)).toEqual([2]);
  expect(state.status).toBe('pass');
});

test('what an attempt had spent until its breach is booked', () => {
  const { state } = play(guarded, { agent: () => ({ turns: 5, costPerTurnUsd: 0.1 }) });
  expect(state.spent.cost).toBe(0.6);
  expect(state.spent.turns).toBe(6);
});

test('a breach of the last attempt is the reason of the end', () => {
  const { events } = play(guarded, { agent: () => ({ turns: 5 }) });
  expect(stepOf(events, 'do').reason).toBe('max_turns: turn 3 began, 2 are allowed');
});
