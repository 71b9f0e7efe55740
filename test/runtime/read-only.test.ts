import { expect, test } from 'vitest';
import { planOf } from '../engine/given.ts';
import { write } from './fakes.ts';
import { build, open } from './given.ts';

test('a step that may only read and wrote has failed, with the files named', async () => {
  const plan = planOf('  - {name: judge, type: validate, prompt: p, agent: claude}');
  const made = open(plan, {
    agent: (order) => {
      write(order, 'sneaky.js', 'x');
      return { output: '{"pass":true}' };
    },
  });
  const state = await made.run();
  expect(state.status).toBe('fail');
  expect(state.steps.judge?.reason).toBe('wrote where nothing may be written: sneaky.js');
  expect(made.workspace.branch()).not.toContain('sneaky');
});

test('a forbidden write that was prevented fails the attempt, too', async () => {
  const plan = planOf('  - {name: judge, type: validate, prompt: p, agent: claude}');
  const made = open(plan, {
    agent: async (_, tell) => {
      await tell({ type: 'write', path: '/tmp/fine.js', denied: false });
      await tell({ type: 'write', path: 'sneaky.js', denied: true });
      return { output: '{"pass":true}' };
    },
  });
  expect((await made.run()).steps.judge?.reason).toBe('wrote where nothing may be written: sneaky.js');
});

const withJudge = (steps: string) =>
  planOf('  - {name: do, type: code, prompt: p, agent: claude, gate: [{validate: validators/v}, test]}', {
    validators: { 'validators/v': steps },
  });

test('a validator can change nothing: what a step of it writes is in no commit, and fails it', async () => {
  const plan = withJudge(
    '  - {name: fix, type: code, prompt: p, agent: claude}\n  - {name: judge, type: validate, prompt: p, agent: claude}',
  );
  const made = open(plan, {
    agent: (order, tell) => {
      if (order.step === 'do') return build(order, tell);
      expect(order.access).toBe('read-only');
      if (order.step === 'do/v/fix') write(order, 'sneaky.js', 'x');
      return { output: '{"pass":true}' };
    },
  });
  const state = await made.run();
  expect(state.status).toBe('fail');
  expect(state.steps.do?.reason).toContain('wrote where nothing may be written: sneaky.js');
  expect(made.workspace.files(made.workspace.branch())).toEqual({ 'a.js': 'a\n', 'made-1.js': 'x\n' });
});
