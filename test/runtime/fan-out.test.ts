/** An engine that does a part of a run: up to where its branches can go elsewhere, or one of them. */
import { afterEach, expect, test } from 'vitest';
import { planOf } from '../engine/given.ts';
import { type Bench, bench, type Fakes, hang, write } from './fakes.ts';

const benches: Bench[] = [];
afterEach(() => {
  for (const made of benches.splice(0)) made.close();
});

const plan = planOf(`  - name: cut
    type: split
    parallel: true
    get: {prompt: split}
    run: {agent: claude-opus}
    each:
      - {name: write, type: code, get: {prompt: write}, run: {agent: claude-sonnet}, gate: [test]}`);
const tasks = JSON.stringify(['a', 'b'].map((name) => ({ name, description: name })));

/** Sends its branches away. */
async function sentAway(agent: NonNullable<Fakes['agent']> = () => undefined): Promise<Bench> {
  const made = bench(plan, {
    agent: (order, tell) => (order.step === 'cut' ? { output: tasks } : agent(order, tell)),
  });
  benches.push(made);
  expect((await made.run({ course: { kind: 'fan-out' } })).status).toBe('away');
  return made;
}

const launched = async (made: Bench) =>
  (await made.events()).flatMap((event) => (event.type === 'agent_launched' ? [event.step] : []));
const typesOf = async (made: Bench) => (await made.events()).map(({ type }) => type);

test('nothing of the branches begins where they are sent away', async () => {
  const made = await sentAway();
  expect(await launched(made)).toEqual(['cut']);
  expect((await typesOf(made)).slice(-2)).toEqual(['notice', 'run_fanned_out']);
});

test('the engine of a branch does that branch, its gates included, and merges nothing', async () => {
  const made = await sentAway((order) => {
    write(order, `${order.step.replaceAll('/', '-')}.js`, 'x\n');
    return undefined;
  });
  const state = await made.run({ course: { kind: 'branch', path: 'cut/b' } });
  expect([state.status, made.workspace.branch()]).toEqual(['away', 'b0']);
  expect(await launched(made)).toEqual(['cut', 'cut/b/write']);
  expect((await typesOf(made)).slice(-3)).toEqual(['gate_passed', 'step_completed', 'branch_left']);
});

test('a share that is used up ends what runs, and neither the attempt nor the branch has failed by it', async () => {
  let isFirst = true;
  const made = await sentAway(async (order, tell) => {
    if (!isFirst) return undefined;
    isFirst = false;
    const usage = { turns: 1, tokens_in: 10, tokens_out: 1, cost: 0.6 };
    await tell({ type: 'usage', usage });
    return hang(order, usage);
  });
  const share = { type: 'budget_set', run: plan.run, max_budget: 0.5, by: null, order: null } as const;
  expect((await made.run({ course: { kind: 'branch', path: 'cut/b' }, more: [share] })).status).toBe('away');
  const events = await made.events();
  expect(events.at(-1)).toMatchObject({
    ...{ type: 'branch_left', status: 'open' },
    reason: "the branch's budget is used up: $0.60 of $0.50",
  });
  expect(await typesOf(made)).not.toContain('step_completed');
  const more = { ...share, max_budget: 5 };
  expect((await made.run({ more: [more] })).status).toBe('pass');
  expect((await launched(made)).toSorted()).toEqual(['cut', 'cut/a/write', 'cut/b/write', 'cut/b/write']);
});
