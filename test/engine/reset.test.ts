import { expect, test } from 'vitest';
import { one, only, planOf, resumeOf, stepOf } from './given.ts';
import { carryOn, play, takeOver, type World } from './world.ts';

const plan = planOf(`  - {name: before, type: code, prompt: p, agent: claude}
  - name: do
    type: code
    prompt: p
    agent: claude
    gate: [test]
    retry:
      - {attempt: 3, worktree: reset, session: new}
      - exit: 4`);
const failing: World = { gate: () => 'fail' };

test('worktree: reset goes back to where the step started, not to where the run did', () => {
  const { events } = play(plan, failing);
  const start = only(events, 'agent_completed').find(({ step }) => step === 'before')?.commit;
  expect(only(events, 'tree_reset').map(({ attempt, to }) => [attempt, to])).toEqual([
    [3, start],
    [4, start],
  ]);
  expect(stepOf(events, 'do').start).toBe(start);
});

test('an attempt without reset continues on the commit of the one before', () => {
  const { events } = play(plan, failing);
  const started = only(events, 'step_started').filter(({ step }) => step === 'do');
  const ended = only(events, 'agent_completed').filter(({ step }) => step === 'do');
  expect(started[1]?.base).toBe(ended[0]?.commit);
});

test('a reset moves the base of its attempt to the commit that restores the tree', () => {
  const { events } = play(plan, failing);
  const index = events.findIndex(({ type }) => type === 'tree_reset');
  const reset = events[index];
  expect(stepOf(events.slice(0, index + 1), 'do').attempt?.base).toBe(
    reset?.type === 'tree_reset' ? reset.commit : '',
  );
});

test('an attempt that was lost behind its reset is launched again on the restored tree, and asks for the same reset', () => {
  const { events } = play(plan, failing);
  const index = events.findIndex(({ type }) => type === 'tree_reset');
  const past = events.slice(0, index + 2);
  const asked: string[] = [];
  carryOn(
    plan,
    {
      ...failing,
      watch: (_, effects) => {
        for (const effect of effects)
          if (effect.kind === 'agent') asked.push(`${effect.id} ${effect.base} ${effect.reset}`);
      },
    },
    { past, opening: takeOver(past, [resumeOf(plan)]) },
  );
  const restored = one(past, 'tree_reset').commit;
  expect(asked[0]).toBe(`do#3 ${restored} true`);
});
