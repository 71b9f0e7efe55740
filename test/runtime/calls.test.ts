import { setTimeout as sleep } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Plan, PlanNode } from '../../src/plan/plan.ts';
import { one, only, planOf } from '../engine/given.ts';
import { type Acting, hang, write } from './fakes.ts';
import { open } from './given.ts';

const research = {
  research: '  - {name: find, type: code, prompt: "find {topic}: {spec}", agent: claude}',
};
const prompts =
  (into: Record<string, string>): Acting =>
  (order) => {
    into[order.step] = order.prompt;
    if (order.access === 'read-write') write(order, `${order.step.replaceAll('/', '+')}.js`, 'x\n');
    return { output: order.stepKind === 'code' ? `${order.step} says {spec}` : '{"pass": true}' };
  };

test("inputs are rendered where they were given, and what is found is put into the caller's prompt as it is", async () => {
  const plan = planOf(
    `  - {name: setup, workflow: research, with: {topic: "{spec}!", spec: nothing}}
  - {name: do, type: code, prompt: "{setup.state.find.output} {setup.files}", agent: claude}`,
    { called: research, spec: 'the spec' },
  );
  const told: Record<string, string> = {};
  const made = open(plan, { agent: prompts(told) });
  expect((await made.run()).status).toBe('pass');
  expect(told['setup/find']).toContain('find the spec!: nothing\n');
  expect(told.do).toContain('setup/find says {spec} setup+find.js\n');
});

test('what get.workflow has made is there when the step starts, and not in its diff', async () => {
  const plan = planOf(
    `  - {name: do, type: code, prompt: "{do.state.find.output}", agent: claude, workflow: research, with: {topic: t}}
  - {name: next, type: code, prompt: "{do.diff}", agent: claude}`,
    { called: research },
  );
  const told: Record<string, string> = {};
  const made = open(plan, { agent: prompts(told) });
  expect((await made.run()).status).toBe('pass');
  expect(told.do).toContain('do/get/find says {spec}');
  expect(told.next).toContain('do.js');
  expect(told.next).not.toContain('do+get+find.js');
  expect(Object.keys(made.workspace.files(made.workspace.branch())).sort()).toEqual(
    ['a.js', 'do.js', 'do+get+find.js', 'next.js'].sort(),
  );
});

test('a step without a prompt is told what its get.workflow has said', async () => {
  const plan = planOf('  - {name: do, type: code, agent: claude, workflow: research, with: {topic: t}}', {
    called: research,
  });
  const told: Record<string, string> = {};
  expect((await open(plan, { agent: prompts(told) }).run()).status).toBe('pass');
  expect(told.do).toMatch(/^do\/get\/find says \{spec\}\n/);
});

test('in front of a step that may not write, a called workflow that writes fails and changes nothing', async () => {
  const plan = planOf(
    '  - {name: look, type: validate, prompt: p, agent: claude, workflow: research, with: {topic: t}}',
    { called: research },
  );
  const made = open(plan, {
    agent: (order) => {
      write(order, 'sneaked.js', 'x\n');
      return {};
    },
  });
  const state = await made.run();
  expect(state.steps.look?.reason).toContain('wrote where nothing may be written: sneaked.js');
  expect(made.workspace.files(one(await made.events(), 'run_completed').commit)).toEqual({ 'a.js': 'a\n' });
});

test('text of --set is put in as it is, whatever braces are in it, and wins over built-in names', async () => {
  const plan = planOf('  - {name: do, type: code, prompt: "{feature} {spec}", agent: claude}', {
    settings: { set: { feature: '{spec} {{x}}', spec: 'another {feature}' } },
  });
  const told: Record<string, string> = {};
  expect((await open(plan, { agent: prompts(told) }).run()).status).toBe('pass');
  expect(told.do).toContain('{spec} {{x}} another {feature}\n');
});

const slow = { slow: '  - {name: do, type: code, prompt: p, agent: claude, retry: [{exit: 9}]}' };

test("a called workflow's budget ends its agent at the first report that exceeds, and the caller's rest is not run", async () => {
  const plan = planOf(
    '  - {name: c, workflow: slow}\n  - {name: next, type: code, prompt: p, agent: claude}',
    {
      called: slow,
      calledRoots: { slow: 'max_budget: 1' },
    },
  );
  const made = open(plan, {
    agent: async (order, tell) => {
      const usage = (turns: number) => ({ turns, tokens_in: 0, tokens_out: 0, cost: turns * 0.4 });
      for (let turn = 1; !order.signal.aborted; turn++) {
        await tell({ type: 'usage', usage: usage(turn) });
        await sleep(1);
      }
      return { outcome: 'killed', error: 'killed', usage: usage(3) };
    },
  });
  expect((await made.run()).status).toBe('fail');
  const events = await made.events();
  expect(one(events, 'agent_killed').reason).toBe('a limit of the workflow that c calls is exceeded');
  expect(one(events, 'budget_exceeded')).toMatchObject({
    scope: 'call',
    step: 'c',
    kind: 'budget',
    current: 1.2,
  });
  expect(only(events, 'agent_launched')).toHaveLength(1);
  expect(one(events, 'run_completed').reason).toContain("the called workflow's budget is used up");
});

/** The limits of a workflow file are whole seconds; a test has less time. */
function limitedTo(plan: Plan, maxTimeoutMs: number): Plan {
  const limits = { maxBudgetUsd: null, maxTokens: null, maxTimeoutMs };
  const [first, ...rest] = plan.nodes;
  if (!first) throw new Error('no node');
  const gates = first.gates.map((gate) => ({ ...gate, limits }));
  const own = first.step.kind === 'call' ? limits : null;
  const node: PlanNode = { ...first, gates, limits: own, get: first.get && { ...first.get, limits } };
  return { ...plan, nodes: [node, ...rest] };
}

test.each([
  ['a call', '  - {name: c, workflow: slow}', 'c'],
  ['get.workflow', '  - {name: c, type: code, prompt: p, agent: claude, workflow: slow}', 'c/get'],
  ['a validator', '  - {name: c, gate: [{validate: slow}]}', 'c/slow'],
])('the time limit of %s ends an agent that says nothing', async (_, steps, path) => {
  const made = open(limitedTo(planOf(steps, { called: slow }), 40), { agent: (order) => hang(order) });
  expect((await made.run()).status).toBe('fail');
  const events = await made.events();
  expect(one(events, 'budget_exceeded')).toMatchObject({ scope: 'call', step: path, kind: 'time' });
  // On a busy machine the time is up before the launch.
  expect(only(events, 'agent_launched').length).toBeLessThanOrEqual(1);
  expect(one(events, 'run_completed').reason).toContain("the called workflow's time is used up");
});

test('a call that ends in time leaves no clock behind: the next one has its own', async () => {
  const plan = planOf('  - {name: c, workflow: slow}\n  - {name: d, type: code, prompt: p, agent: claude}', {
    called: slow,
  });
  // A clock that is never up on a busy machine: it is counted, not waited for.
  const clocks: Record<string, number> = {};
  const made = open(limitedTo(plan, 600_000), {
    agent: (order) => {
      clocks[order.step] = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
      return {};
    },
  });
  expect((await made.run()).status).toBe('pass');
  expect(only(await made.events(), 'budget_exceeded')).toEqual([]);
  expect(clocks.d).toBe((clocks['c/do'] ?? 0) - 1);
});

test('when a limit of a call is exceeded nothing of it that was being prepared is launched any more', async () => {
  const plan = planOf('  - {name: c, workflow: w}\n  - {name: end, gate: [test]}', {
    called: {
      w: '  - {name: plan, type: split, parallel: true, prompt: p, agent: claude, each: [{name: do, type: code, prompt: p, agent: claude}]}',
    },
    calledRoots: { w: 'max_budget: 1' },
  });
  const launched: string[] = [];
  const { promise: ready, resolve: release } = Promise.withResolvers<void>();
  const made = open(plan, {
    agent: async (order) => {
      launched.push(order.step);
      if (order.stepKind === 'split')
        return { output: JSON.stringify(['a', 'b'].map((name) => ({ name, description: name }))) };
      setTimeout(release, 20);
      return { usage: { turns: 1, tokens_in: 0, tokens_out: 0, cost: 5 } };
    },
  });
  const tree = made.workspace.tree;
  Object.assign(made.workspace, {
    tree: async (scope: string, commit: string) => {
      if (scope === 'c/plan/b') await ready;
      return tree(scope, commit);
    },
  });
  expect((await made.run()).status).toBe('fail');
  expect(launched).toEqual(['c/plan', 'c/plan/a/do']);
});
