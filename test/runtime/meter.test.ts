import { afterEach, describe, expect, test } from 'vitest';
import type { Usage } from '../../src/events/event.ts';
import { openGateway } from '../../src/gateway/gateway.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { AgentAdapter, AgentEnd, AgentOrder } from '../../src/ports/agent.ts';
import { one, only, planOf, stepOf } from '../engine/given.ts';
import {
  type Answer,
  claudeAnswer,
  type Service,
  sendJson,
  startService,
} from '../gateway/upstream.fixture.ts';
import { type Acting, type Bench, bench, hang } from './fakes.ts';

const opened: { close(): Promise<void> | void }[] = [];
afterEach(async () => {
  for (const made of opened.splice(0).toReversed()) await made.close();
});

interface Town extends Bench {
  readonly service: Service;
}

interface Parts {
  readonly agent: Acting;
  readonly traits?: Omit<AgentAdapter, 'launch'>;
  readonly answer?: Answer;
  readonly hasKey?: boolean;
}

/** A run whose agents call a real service through the real gateway: $10 a million tokens in, $100 out. */
async function town(plan: Plan, { agent, traits, answer, hasKey = true }: Parts): Promise<Town> {
  const service = await startService(answer ?? ((to) => sendJson(to, claudeAnswer(100, 10))));
  const gateway = await openGateway({
    upstreams: hasKey ? { anthropic: { baseUrl: service.url, keyIn: 'header:x-api-key', key: 'k' } } : {},
    modelFacts: (_upstream, model) =>
      model === 'unknown'
        ? null
        : { price: { input: 10, output: 100 }, contextTokens: 200_000, outputTokensMax: 8000 },
  });
  const made = bench(plan, { agent, traits: { upstream: 'anthropic', ...traits }, gateway });
  opened.push(service, gateway, made);
  return { ...made, service };
}

async function call(order: AgentOrder, model = 'm'): Promise<number> {
  const answer = await fetch(`${order.models?.url('anthropic')}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': order.models?.token ?? '' },
    body: JSON.stringify({ model, max_tokens: 1000, messages: [] }),
    signal: order.signal,
  });
  await answer.text();
  return answer.status;
}

const calls =
  (count: number, end: Partial<AgentEnd> = {}): Acting =>
  async (order) => {
    for (let done = 0; done < count; done++) await call(order);
    return { ...end, ...(order.stepKind === 'validate' ? { output: '{"pass": true}' } : {}) };
  };
/** It calls until it is ended, as a program would that tries again. */
const callsOn: Acting = async (order) => {
  while (!order.signal.aborted) if ((await call(order).catch(() => 0)) !== 200) return hang(order);
  return hang(order);
};
const told = (tokens_in: number, tokens_out: number, cost = 0): Usage => {
  return { turns: 2, tokens_in, tokens_out, cost };
};
const code = (more = '', root = '') =>
  planOf(`  - {name: do, type: code, prompt: p, agent: claude${more}}`, { root });
const noticesOf = async (made: Town) => only(await made.events(), 'notice').map(({ message }) => message);

describe("the gateway's figures are what is booked", () => {
  test.each<[string, Partial<AgentEnd>, string[]]>([
    ['the agent tells the same', { usage: told(200, 20, 0.004) }, []],
    ['the agent tells nothing', {}, []],
    [
      'the agent tells more',
      { usage: told(900, 20, 7) },
      ['claude reports 900 tokens in and 20 out, the gateway has counted and booked 200 and 20'],
    ],
    [
      'the agent tells less',
      { usage: told(1, 1) },
      ['claude reports 1 tokens in and 1 out, the gateway has counted and booked 200 and 20'],
    ],
    [
      'the agent tells as many, and more of them as output',
      { usage: told(120, 100) },
      ['claude reports 120 tokens in and 100 out, the gateway has counted and booked 200 and 20'],
    ],
    ['the agent tells the same money', { usage: told(200, 20), toldCostUsd: 0.00401 }, []],
    [
      'the agent tells other money',
      { usage: told(200, 20), toldCostUsd: 0.2 },
      ['claude reports a cost of $0.2000, the gateway has booked $0.0040: it counts by other prices'],
    ],
    ['the agent broke off and had no time to tell all', { usage: told(1, 1), outcome: 'error' }, []],
  ])('where %s', async (_, end, notices) => {
    const made = await town(code(), { agent: calls(2, end) });
    const state = await made.run();
    const booked = { tokens_in: 200, tokens_out: 20, cost: 0.004 };
    expect(one(await made.events(), 'agent_completed')).toMatchObject(booked);
    expect(state.spent).toMatchObject(booked);
    expect(await noticesOf(made)).toEqual(notices);
  });

  test('and what the agent says on its stream breaches no guard', async () => {
    const plan = code(', guard: {max_budget: 1, max_tokens: 1000}');
    const made = await town(plan, {
      agent: async (order, tell) => {
        await call(order);
        await tell({ type: 'usage', usage: told(50_000, 50_000, 99) });
        return {};
      },
    });
    expect((await made.run()).status).toBe('pass');
    expect(one(await made.events(), 'agent_completed')).toMatchObject({ tokens_in: 100, cost: 0.002 });
  });

  test('each call is in the ledger before the next one, with its turn where calls are turns', async () => {
    const made = await town(code(), { agent: calls(2), traits: { turns: 'calls' } });
    await made.run();
    expect(
      only(await made.events(), 'agent_progress').map(({ turns, tokens_in }) => [turns, tokens_in]),
    ).toEqual([
      [1, 0],
      [1, 100],
      [2, 100],
      [2, 200],
    ]);
  });

  test('where calls are turns, the call behind the last allowed one ends the attempt', async () => {
    const made = await town(code(', guard: {max_turns: 2}'), { agent: callsOn, traits: { turns: 'calls' } });
    expect((await made.run()).status).toBe('fail');
    const { reason } = one(await made.events(), 'guard_triggered');
    expect(reason).toBe('max_turns: turn 3 began, 2 are allowed');
    expect(made.service.asked.length).toBeLessThanOrEqual(3);
  });

  test('a call that breaks off is estimated, and that is said', async () => {
    const made = await town(code(), {
      agent: async (order) => {
        await call(order).catch(() => undefined);
        return { usage: told(5, 5) };
      },
      answer: (to) => {
        to.writeHead(200, { 'content-type': 'text/event-stream' });
        to.write('data: {}\n\n', () => to.destroy());
      },
    });
    await made.run();
    expect(one(await made.events(), 'agent_completed').tokens_out).toBeGreaterThan(0);
    expect(await noticesOf(made)).toEqual([
      expect.stringContaining('part of what claude has cost is estimated'),
    ]);
  });

  test('without a key for its service the agent is believed, and that is said', async () => {
    const made = await town(code(), {
      agent: async (order, tell) => {
        expect(order.models).toBeUndefined();
        await tell({ type: 'usage', usage: told(7, 3, 0.5) });
        return { usage: told(7, 3, 0.5) };
      },
      hasKey: false,
    });
    await made.run();
    expect(one(await made.events(), 'agent_completed')).toMatchObject({
      tokens_in: 7,
      tokens_out: 3,
      cost: 0.5,
    });
    expect(await noticesOf(made)).toEqual([expect.stringContaining('claude uses its own login')]);
  });

  test('which is told also where there is no key for any service, so that there is no gateway at all', async () => {
    const made = bench(code(), { agent: async () => ({}), traits: { upstream: 'anthropic' } });
    opened.push(made);
    await made.run();
    expect(only(await made.events(), 'notice')).toMatchObject([
      { message: expect.stringContaining('claude uses its own login, for there is no key for anthropic') },
    ]);
  });

  test.each([
    ['stream', 'claude uses its own login: its spending is watched on its stream'],
    ['end', 'claude uses its own login: what it uses is known when its turn ends'],
  ] as const)(
    'which is told of an agent that never goes through the gateway and tells its usage at the %s',
    async (ownLogin, notice) => {
      const made = bench(code(), { agent: async () => ({}), traits: { ownLogin } });
      opened.push(made);
      await made.run();
      expect(only(await made.events(), 'notice')).toMatchObject([
        { message: expect.stringContaining(notice) },
      ]);
    },
  );

  test('which is told once for a step, however many attempts it takes', async () => {
    const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, retry: [{exit: 3}]}');
    const made = await town(plan, { agent: async () => ({ outcome: 'error' }), hasKey: false });
    await made.run();
    expect(only(await made.events(), 'agent_launched')).toHaveLength(3);
    expect(await noticesOf(made)).toHaveLength(1);
  });
});

describe('what the service answers', () => {
  test.each([
    [{ hidesErrors: true }, 'fail', 'its last call of a model failed: HTTP 529'],
    [{}, 'pass', null],
  ] as const)(
    'where the last call failed and the adapter says %j, the attempt is a %s',
    async (traits, status, error) => {
      const made = await town(code(), { agent: calls(1), traits, answer: (to) => sendJson(to, {}, 529) });
      expect((await made.run()).status).toBe(status);
      const end = one(await made.events(), 'agent_completed');
      expect(end.error).toEqual(error === null ? null : expect.stringContaining(error));
    },
  );

  test('HTTP 403 does not: it may be about one model, and the agent goes on with another', async () => {
    const made = await town(code(), {
      agent: async (order) => {
        expect(await call(order, 'one that it may not use')).toBe(403);
        expect(await call(order)).toBe(200);
        return {};
      },
      answer: (to, { body }) =>
        body.includes('may not use') ? sendJson(to, {}, 403) : sendJson(to, claudeAnswer(100, 10)),
    });
    expect((await made.run()).status).toBe('pass');
  });

  test('an agent that repeats calls which fail is ended, with the reason of the last', async () => {
    const made = await town(code(), {
      agent: async (order) => {
        while (!order.signal.aborted) await call(order).catch(() => 0);
        return hang(order);
      },
      answer: (to) => sendJson(to, { error: 'the conversation is too long' }, 400),
    });
    expect((await made.run()).status).toBe('fail');
    expect(one(await made.events(), 'guard_triggered')).toMatchObject({
      guard: 'calls',
      reason: expect.stringMatching(/^calls: the last 100 calls of anthropic failed.*HTTP 400/),
    });
  });

  test('HTTP 401 for our key ends the attempt at once', async () => {
    const status = 401;
    const made = await town(code(), { agent: callsOn, answer: (to) => sendJson(to, {}, status) });
    expect((await made.run()).status).toBe('fail');
    expect(one(await made.events(), 'guard_triggered')).toMatchObject({
      guard: 'key',
      reason: expect.stringContaining(
        `anthropic does not accept the key that gump has for it (HTTP ${status})`,
      ),
    });
    expect(made.service.asked).toHaveLength(1);
  });
});

/** Each call may cost $0.101 at most and costs $0.002 in truth. */
describe('a call that a budget around it cannot pay is not forwarded', () => {
  const steps = '  - {name: do, type: code, prompt: p, agent: claude}';
  const validator = '  - {name: look, type: validate, prompt: p, agent: claude}';
  const called = { w: steps, outer: '  - {name: inner, workflow: w}' };
  const judging = '  - {name: do, agent: pass, type: code, prompt: p, gate: [{validate: validators/v}]}';
  const about = 'budget cannot pay the next call: it may cost up to $0.10, and $0.01 of $0.11 are spent';

  test.each<[string, Plan, { step: string | undefined; failed: string; reason: string }]>([
    [
      "the run's",
      planOf(steps, { root: 'max_budget: 0.108' }),
      { step: undefined, failed: 'do', reason: `the run's ${about}` },
    ],
    [
      "a called workflow's own",
      planOf('  - {name: c, workflow: w}', { called, calledRoots: { w: 'max_budget: 0.108' } }),
      { step: 'c', failed: 'c', reason: `the called workflow's ${about}` },
    ],
    [
      'that of a call around the call',
      planOf('  - {name: c, workflow: outer}', { called, calledRoots: { outer: 'max_budget: 0.108' } }),
      { step: 'c', failed: 'c', reason: `the called workflow's ${about}` },
    ],
    [
      'the narrower one of two',
      planOf('  - {name: c, workflow: outer}', {
        called,
        calledRoots: { outer: 'max_budget: 0.108', w: 'max_budget: 0.108' },
        root: 'max_budget: 9',
      }),
      { step: 'c/inner', failed: 'c/inner', reason: `the called workflow's ${about}` },
    ],
    [
      "a validator's own",
      planOf(judging, {
        validators: { 'validators/v': validator },
        calledRoots: { 'validators/v': 'max_budget: 0.108' },
      }),
      {
        step: 'do/v',
        failed: 'do',
        reason: `v: the validator gave no verdict: the called workflow's ${about}`,
      },
    ],
  ])('%s', async (_, plan, { step, failed, reason }) => {
    const made = await town(plan, { agent: callsOn });
    expect((await made.run()).status).toBe('fail');
    const events = await made.events();
    const excess = one(events, 'budget_exceeded');
    expect(excess).toMatchObject({ kind: 'budget', max: 0.108, call: expect.closeTo(0.1, 2) });
    expect(excess.step).toBe(step);
    expect(stepOf(events, failed).reason).toContain(reason);
    // What it may cost at most still fits four times, and not a fifth.
    expect(made.service.asked).toHaveLength(4);
    expect(excess.current).toBeCloseTo(0.008, 6);
  });

  test("the step's: its guard ends the attempt, and the next one has its own", async () => {
    const plan = code(', guard: {max_budget: 0.108}, retry: [{exit: 2}]');
    const made = await town(plan, { agent: callsOn });
    expect((await made.run()).status).toBe('fail');
    const guards = only(await made.events(), 'guard_triggered');
    expect(guards.map(({ attempt, guard }) => [attempt, guard])).toEqual([
      [1, 'max_budget'],
      [2, 'max_budget'],
    ]);
    expect(made.service.asked).toHaveLength(8);
  });

  test('nor one whose price nobody knows, wherever the budget stands', async () => {
    const plan = planOf('  - {name: c, workflow: w}', { called, calledRoots: { w: 'max_budget: 9' } });
    const made = await town(plan, {
      agent: async (order) => {
        await call(order, 'unknown').catch(() => 0);
        return hang(order);
      },
    });
    expect((await made.run()).status).toBe('fail');
    expect(one(await made.events(), 'guard_triggered').reason).toContain(
      'give its price in ~/.gump/config.toml (on GitHub: gump.toml)',
    );
    expect(made.service.asked).toEqual([]);
  });

  test('what runs beside the call that cannot pay is not touched, and its caller goes on', async () => {
    const plan = planOf(
      `  - name: side
    parallel: true
    steps: [{name: c, workflow: w}, {name: free, type: code, prompt: p, agent: claude}]`,
      { called, calledRoots: { w: 'max_budget: 0.108' } },
    );
    const made = await town(plan, {
      agent: (order, tell) => (order.step === 'side/free' ? calls(8)(order, tell) : callsOn(order, tell)),
    });
    const state = await made.run();
    expect(state.steps.side?.steps.free?.status).toBe('pass');
    expect(state.steps.side?.steps.c?.reason).toContain(about);
    expect(made.service.asked).toHaveLength(12);
  });
});
