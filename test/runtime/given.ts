import { onTestFinished } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { planOf } from '../engine/given.ts';
import { type Acting, type Bench, bench, type Fakes, write } from './fakes.ts';

/** A run with fakes around it, whose folder goes when the test has ended. */
export function open(plan: Plan, fakes: Fakes = {}): Bench {
  const made = bench(plan, fakes);
  onTestFinished(() => made.close());
  return made;
}

export const simple = planOf(
  '  - {name: do, type: code, prompt: "build {spec}", agent: claude, gate: [test], retry: [{exit: 3}]}',
);

/** A coder that makes one file an attempt. */
export const build: Acting = (order) => {
  write(order, `made-${order.attempt}.js`, 'x\n');
  return undefined;
};

export const usage = (turns: number, cost: number) => ({ turns, tokens_in: 0, tokens_out: 0, cost });

export const types = (events: readonly Event[]) => events.map(({ type }) => type);

/** Two tasks side by side, judged by a gate and a validator. */
export const rich = planOf(
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

/** Does what every step of `rich` is there for. */
export const team: Acting = async (order, tell) => {
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
