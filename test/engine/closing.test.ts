import { expect, test } from 'vitest';
import { one, only, planOf, resumeOf } from './given.ts';
import { stepAt } from './step-at.ts';
import { carryOn, play, type World } from './world.ts';

const nested = (parallel: boolean) =>
  planOf(
    `  - name: plan
    type: split
    parallel: ${parallel}
    prompt: cut
    agent: claude
    each:
      - name: group
        steps:
          - name: do
            type: code
            prompt: p
            agent: claude
            gate: [{validate: validators/review}]
  - {name: last, gate: [lint]}`,
    {
      root: 'max_budget: 1',
      validators: { 'validators/review': '  - {name: judge, type: validate, prompt: p, agent: claude}' },
    },
  );
const world = (names: readonly string[], dear: string): World => ({
  agent: ({ stepKind, path }) => {
    if (stepKind === 'split') return { tasks: names.map((name) => ({ name, description: name })) };
    return { turns: 3, costPerTurnUsd: path.startsWith(dear) ? 1 : 0.01 };
  },
});

test('a limit of the run closes every open step, from the inside out, and the run fails', () => {
  const { events, state } = play(nested(false), world(['a'], 'plan/a/group/do/review'));
  const closed = only(events, 'step_completed');
  expect(closed.map(({ step, status }) => `${step} ${status}`)).toEqual([
    'plan/a/group/do/review/judge fail',
    'plan/a/group/do fail',
    'plan/a/group fail',
    'plan fail',
  ]);
  expect(new Set(closed.map(({ reason }) => reason))).toEqual(
    new Set(["the run's budget is used up: $1.03 of $1.00"]),
  );
  expect(state.status).toBe('fail');
  expect(stepAt(state, 'last')).toBeUndefined();
});

test('a validator that was closed leaves no gate running', () => {
  const { events } = play(nested(false), world(['a'], 'plan/a/group/do/review'));
  expect(one(events, 'gate_failed')).toMatchObject({ gate: 'review', step: 'plan/a/group/do' });
});

test("the run's commit is what was made until then", () => {
  const { events } = play(nested(false), world(['b', '1', '0'], 'plan/0'));
  const made = only(events, 'agent_completed').filter(({ files }) => files.length > 0);
  expect(made.map(({ step }) => step)).toEqual(['plan/b/group/do', 'plan/1/group/do']);
  expect(one(events, 'run_completed').commit).toBe(made.at(-1)?.commit);
});

test("the run's commit is never that of a parallel task that was not merged", () => {
  const { events } = play(nested(true), { ...world(['a', 'b'], 'plan/a'), pick: (count) => count - 1 });
  const made = only(events, 'agent_completed').filter(({ files }) => files.length > 0);
  expect(made.map(({ step }) => step)).toEqual(['plan/b/group/do']);
  expect(only(events, 'task_merged')).toEqual([]);
  expect(one(events, 'run_completed').commit).toBe('b0');
});

test('a resume with a larger budget repeats what was stopped and nothing else', () => {
  const plan = nested(false);
  const of = world(['a', 'b'], 'plan/b');
  const first = play(plan, of);
  const again = carryOn(plan, of, { past: first.events, opening: [resumeOf(plan, { max_budget: 100 })] });
  expect(again.state.status).toBe('pass');
  const launched = only(again.events.slice(first.events.length), 'agent_launched').map(({ step }) => step);
  expect(launched).toEqual(['plan/b/group/do', 'plan/b/group/do/review/judge']);
});
