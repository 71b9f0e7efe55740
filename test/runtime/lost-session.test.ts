import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import type { AgentOrder } from '../../src/ports/agent.ts';
import { summarize } from '../../src/report/summarize.ts';
import { one, planOf } from '../engine/given.ts';
import { open } from './given.ts';

test('where the session is not there any more, the agent learns the whole task, and the ledger says that it is new', async () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: build it, agent: claude, gate: [test], retry: [{attempt: 2, prompt: "mend {error}"}, {exit: 2}]}',
  );
  const orders: AgentOrder[] = [];
  const made = open(plan, {
    agent: async (order, tell) => {
      orders.push(order);
      if (order.session.mode === 'resume') await tell({ type: 'session_lost', id: order.session.id });
      return { sessionId: `session of ${order.attempt}` };
    },
    gate: async () => ({ status: 'fail', reason: 'red' }),
  });
  await made.run();
  const [first, second] = orders;
  expect(first?.promptAnew).toBe(first?.prompt);
  expect(second?.prompt).toMatch(/^mend test: red\n/);
  expect(second?.promptAnew).toMatch(/^build it\n\nmend test: red\n/);
  const hash = createHash('sha256')
    .update(second?.promptAnew ?? '')
    .digest('hex');
  const events = await made.events();
  expect(one(events, 'session_lost')).toMatchObject({
    session_id: 'session of 1',
    prompt_hash: hash,
    attempt: 2,
  });
  expect(one(events, 'notice').message).toBe(
    'the session session of 1 of claude was not found; a new one begins, with the whole task',
  );
  const attempt = summarize(plan, events).steps[0]?.attempts[1];
  expect(attempt).toMatchObject({ sessionMode: 'new', sessionId: 'session of 2', promptHash: hash });
});
