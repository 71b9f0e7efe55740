/** Facts made by hand, with everything that does not matter filled in. */
import type { Fact, RunSettings, Usage } from '../../src/events/event.ts';
import type { RetryOverrides, StepKind, Task, Verdict } from '../../src/workflow/workflow.ts';

type FactOf<T extends Fact['type']> = Extract<Fact, { type: T }>;
const commit = 'c1';

const settings: RunSettings = {
  default_agent: null,
  agent: null,
  max_budget: null,
  max_parallel: 4,
  pause_after: null,
};

export const runStarted = (more: Partial<FactOf<'run_started'>> = {}): Fact => ({
  type: 'run_started',
  run: 'r1',
  workflow: 'implement-spec',
  spec_hash: 'a'.repeat(64),
  spec_origin: 'spec.md',
  base: 'b0',
  settings,
  gump: '0.1.0',
  ...more,
});

export const runCompleted = (more: Partial<FactOf<'run_completed'>> = {}): Fact => ({
  type: 'run_completed',
  run: 'r1',
  status: 'pass',
  duration_ms: 754_000,
  cost: 8.42,
  tokens_in: 0,
  tokens_out: 0,
  commit,
  reason: null,
  ...more,
});

export const started = (
  step: string,
  agent: string | null,
  more: Partial<FactOf<'step_started'>> = {},
): Fact => ({
  type: 'step_started',
  step,
  attempt: 1,
  step_type: 'code' as StepKind,
  agent,
  task: null,
  session_mode: 'new',
  base: 'b0',
  ...more,
});

export const launched = (step: string, agent: string, attempt = 1): Fact => ({
  type: 'agent_launched',
  step,
  attempt,
  agent,
  prompt_hash: 'p',
  session_id: null,
});

export const usage = (cost: number): Usage => ({ turns: 2, tokens_in: 1000, tokens_out: 100, cost });

export const completed = (step: string, more: Partial<FactOf<'agent_completed'>> = {}): Fact => ({
  type: 'agent_completed',
  step,
  attempt: 1,
  ...usage(0.5),
  agent: 'claude-sonnet',
  outcome: 'ok',
  exit_code: 0,
  duration_ms: 1000,
  session_id: 's',
  output: 'done',
  error: null,
  commit,
  files: [],
  step_files: [],
  denied: [],
  ...more,
});

export const updated = (
  step: string,
  more: { attempt?: number; tasks?: Task[]; verdict?: Verdict; error?: string } = {},
): Fact => ({
  type: 'state_updated',
  step,
  attempt: more.attempt ?? 1,
  tasks: more.tasks ?? null,
  verdict: more.verdict ?? null,
  commit: more.tasks || more.verdict || more.error ? null : commit,
  error: more.error ?? null,
});

export const tasks = (...names: string[]): Task[] =>
  names.map((name) => ({ name, description: `do ${name}`, files: null }));

export const taskStarted = (step: string, task: string, index: number): Fact => ({
  type: 'task_started',
  step,
  task,
  index,
  base: 'b0',
});

/** `compile ✓`, `review ✗`, `lint –` as the two events of a gate. */
export const gate = (step: string, told: string, attempt = 1, reason = 'no'): Fact[] => {
  const [name = '', mark] = told.split(' ');
  const about = { step, attempt, gate: name, commit };
  const start: Fact = { type: 'gate_started', ...about };
  if (mark === '✓') return [start, { type: 'gate_passed', ...about, duration_ms: 10 }];
  if (mark === '✗') return [start, { type: 'gate_failed', ...about, duration_ms: 10, reason }];
  return [start, { type: 'gate_skipped', ...about, duration_ms: 0, reason }];
};

/** A validator's gate with the step that judges inside. */
export const review = (step: string, told: string, attempt = 1): Fact[] => {
  const [start, end] = gate(step, told, attempt, 'the error path is missing');
  const judge = `${step}/${told.split(' ')[0]}/judge`;
  const pass = told.endsWith('✓');
  if (!start || !end) throw new Error('a gate has two events');
  return [
    start,
    started(judge, 'claude-opus', { attempt, step_type: 'validate' }),
    launched(judge, 'claude-opus', attempt),
    completed(judge, { attempt, agent: 'claude-opus', ...usage(0.25) }),
    updated(judge, { attempt, verdict: { pass, comments: 'the error path is missing', findings: [] } }),
    ended(judge, 'pass', { attempt }),
    end,
  ];
};

/** A retry condition whose validator measures the tree, which fails, and then says yes or no. */
export const condition = (step: string, name: string, applies: boolean, attempt = 1): Fact[] => {
  const about = { step, attempt, condition: name };
  const inside = `${step}/${name}`;
  return [
    { type: 'condition_started', ...about, commit, reason: 'no' },
    started(`${inside}/look`, null, { attempt, step_type: 'gates' }),
    ...gate(`${inside}/look`, 'lint ✗', attempt),
    ended(`${inside}/look`, 'fail', { attempt }),
    started(`${inside}/judge`, 'claude-haiku', { attempt, step_type: 'validate' }),
    launched(`${inside}/judge`, 'claude-haiku', attempt),
    completed(`${inside}/judge`, { attempt, agent: 'claude-haiku', ...usage(0.25) }),
    updated(`${inside}/judge`, { attempt, verdict: { pass: applies, comments: 'so', findings: [] } }),
    ended(`${inside}/judge`, 'pass', { attempt }),
    { type: 'condition_ended', ...about, applies, duration_ms: 20, reason: 'so' },
  ];
};

export const retry = (step: string, attempt: number, overrides: RetryOverrides, reason = 'no'): Fact => ({
  type: 'retry_triggered',
  step,
  attempt,
  overrides,
  reason,
});

export const ended = (
  step: string,
  status: FactOf<'step_completed'>['status'],
  more: Partial<FactOf<'step_completed'>> = {},
): Fact => ({ type: 'step_completed', step, attempt: 1, status, commit, reason: null, ...more });

/** An attempt of an agent that ends well: announced, launched, completed, its result taken. */
export const worked = (step: string, agent: string, more: Partial<FactOf<'step_started'>> = {}): Fact[] => {
  const attempt = more.attempt ?? 1;
  return [
    started(step, agent, more),
    launched(step, agent, attempt),
    completed(step, { attempt, agent }),
    updated(step, { attempt }),
  ];
};

/** The run of implement-spec.txt's trace, its second and third task left out as there. */
export function referenceRun(): Fact[] {
  const task = 'decompose/greeting';
  const prompt = { prompt: 'Fix only these.' };
  return [
    runStarted(),
    started('decompose', 'claude-opus', { step_type: 'split' }),
    launched('decompose', 'claude-opus'),
    completed('decompose', { agent: 'claude-opus' }),
    updated('decompose', { tasks: tasks('greeting', 'farewell', 'cli') }),
    ...gate('decompose', 'schema ✓'),
    taskStarted('decompose', 'greeting', 1),
    ...worked(`${task}/converge`, 'claude-sonnet', { task: 'greeting' }),
    ...gate(`${task}/converge`, 'compile ✓'),
    ...gate(`${task}/converge`, 'test ✓'),
    ...review(`${task}/converge`, 'review ✗'),
    retry(`${task}/converge`, 2, prompt),
    ...worked(`${task}/converge`, 'claude-sonnet', { attempt: 2, session_mode: 'resume', task: 'greeting' }),
    ...gate(`${task}/converge`, 'compile ✓', 2),
    ...gate(`${task}/converge`, 'test ✓', 2),
    ...review(`${task}/converge`, 'review ✓', 2),
    ended(`${task}/converge`, 'pass', { attempt: 2 }),
    ...worked(`${task}/smoke`, 'claude-sonnet', {
      session_mode: 'from',
      session_from: `${task}/converge`,
      task: 'greeting',
    }),
    ...gate(`${task}/smoke`, 'compile ✓'),
    ...gate(`${task}/smoke`, 'test ✓'),
    ended(`${task}/smoke`, 'pass'),
    ended('decompose', 'pass'),
    started('quality', null, { step_type: 'gates' }),
    ...gate('quality', 'compile ✓'),
    ...gate('quality', 'lint ✓'),
    ...gate('quality', 'test ✓'),
    ended('quality', 'pass'),
    runCompleted(),
  ];
}
