/** A run of implement-spec as its events: made, not recorded, so that tests can say what happens in it. */
import type { Event, Fact } from '../../../src/events/event.ts';
import type { Plan, PlanGate, PlanNode } from '../../../src/plan/plan.ts';
import type { Finding, GateKind, Step, StepKind } from '../../../src/workflow/workflow.ts';

const at = { file: 'w.yaml', line: 1, column: 1 };

function step(name: string, kind: StepKind, more: Partial<Step> = {}): Step {
  return {
    ...{
      name,
      kind,
      at,
      prompt: null,
      context: [],
      worktree: 'read-write',
      session: { mode: 'new' },
      agent: null,
    },
    guard: {
      maxTurns: null,
      maxBudgetUsd: null,
      maxTokens: null,
      maxTimeMs: null,
      idleTimeoutMs: null,
      noWrite: false,
    },
    ...{ hitl: null, gates: [], retry: [], each: [], steps: [], parallel: false, workflow: null, with: {} },
    ...more,
  };
}

function gate(label: string, kind: GateKind, nodes: readonly PlanNode[] = []): PlanGate {
  const own = { name: label, short: null, kind, argument: null, inputs: {}, at };
  return { gate: own, label, nodes, limits: null };
}

const callsNothing = { get: null, conditions: [], limits: null };

export function planOf(
  base: string,
  more: { readonly parallel?: boolean; readonly run?: string; readonly spec?: string } = {},
): Plan {
  const judge: PlanNode = { step: step('judge', 'validate'), children: [], gates: [], ...callsNothing };
  const converge: PlanNode = {
    step: step('converge', 'code'),
    children: [],
    ...callsNothing,
    gates: [gate('compile', 'compile'), gate('test', 'test'), gate('review', 'validate', [judge])],
  };
  const smoke: PlanNode = {
    step: step('smoke', 'code'),
    children: [],
    ...callsNothing,
    gates: [gate('compile', 'compile'), gate('test', 'test')],
  };
  const split = step('decompose', 'split', { parallel: more.parallel ?? false });
  return {
    run: more.run ?? 'r1',
    workflow: 'implement-spec',
    spec: {
      text: more.spec ?? '# Greet people\n\nSay hello.',
      hash: '0'.repeat(64),
      origin: 'octo/app#1',
      removed: [],
    },
    base,
    nodes: [
      { step: split, children: [converge, smoke], gates: [gate('schema', 'schema')], ...callsNothing },
      {
        step: step('quality', 'gates'),
        children: [],
        ...callsNothing,
        gates: [gate('compile', 'compile'), gate('lint', 'lint'), gate('test', 'test')],
      },
    ],
    limits: { maxBudgetUsd: 20, maxTokens: null, maxTimeoutMs: null },
    settings: { default_agent: null, agent: null, max_budget: null, max_parallel: 4, pause_after: null },
    gump: '0.1.0',
    build: 'decompose',
  };
}

/** Numbers and dates the facts as a ledger would; a second passes between two. */
export function createRecorder() {
  const events: Event[] = [];
  return {
    events,
    add(...facts: readonly Fact[]): readonly Event[] {
      const made = facts.map((fact, index): Event => {
        const seq = events.length + index + 1;
        return { v: 1, seq, ts: new Date(Date.UTC(2026, 10, 1) + seq * 1000).toISOString(), ...fact };
      });
      events.push(...made);
      return made;
    },
  };
}

const usage = { turns: 1, tokens_in: 100, tokens_out: 10, cost: 0.01 };

export function started(plan: Plan): Fact {
  return {
    ...{ type: 'run_started', run: plan.run, workflow: plan.workflow, spec_hash: plan.spec.hash },
    ...{ spec_origin: plan.spec.origin, base: plan.base, settings: plan.settings, gump: plan.gump },
  };
}

export function attempt(place: {
  step: string;
  attempt: number;
  base: string;
  task?: string;
  kind?: StepKind;
}): Fact {
  const { step: path, attempt: number, base, task = null, kind = 'code' } = place;
  return {
    ...{ type: 'step_started', step: path, attempt: number, step_type: kind, agent: 'claude-sonnet', task },
    ...{ session_mode: 'new', base },
  };
}

export function made(place: {
  step: string;
  attempt: number;
  commit: string;
  files?: readonly string[];
}): Fact {
  const files = place.files ?? [];
  return {
    ...{
      type: 'agent_completed',
      step: place.step,
      attempt: place.attempt,
      ...usage,
      agent: 'claude-sonnet',
    },
    ...{ outcome: 'ok', exit_code: 0, duration_ms: 500, session_id: null, output: '', error: null },
    ...{ commit: place.commit, files, step_files: files, denied: [] },
  };
}

export interface Judged {
  readonly step: string;
  readonly attempt: number;
  readonly gate: string;
  readonly commit: string;
  readonly verdict?: 'pass' | 'fail' | 'skip';
  readonly reason?: string;
  readonly comments?: string;
  readonly findings?: readonly Finding[];
  readonly log?: string;
}

export function judged(judge: Judged): readonly Fact[] {
  const { verdict = 'pass', step: path, attempt: number, gate: name, commit, reason, ...found } = judge;
  const head = { step: path, attempt: number, gate: name, commit };
  const opened: Fact = { type: 'gate_started', ...head, ...(found.findings ? { validator: true } : {}) };
  if (verdict === 'pass') return [opened, { type: 'gate_passed', ...head, ...found, duration_ms: 100 }];
  const why = reason ?? 'exit code 1';
  if (verdict === 'skip') return [opened, { type: 'gate_skipped', ...head, duration_ms: 100, reason: why }];
  return [opened, { type: 'gate_failed', ...head, ...found, duration_ms: 100, reason: why }];
}

export function finished(
  path: string,
  commit: string,
  more: { attempt?: number; status?: 'pass' | 'fail' } = {},
): Fact {
  return {
    ...{ type: 'step_completed', step: path, attempt: more.attempt ?? 1, status: more.status ?? 'pass' },
    ...{ commit, reason: null },
  };
}

export function ended(commit: string, status: 'pass' | 'fail' | 'cancelled' = 'pass'): Fact {
  return {
    ...{
      type: 'run_completed',
      run: 'r1',
      status,
      duration_ms: 60_000,
      cost: 1.2,
      tokens_in: 1,
      tokens_out: 1,
    },
    ...{ commit, reason: status === 'pass' ? null : 'quality did not pass' },
  };
}

/** What happens in order: an event, or a commit that reaches GitHub. */
export type Entry = { readonly fact: Fact } | { readonly published: string };

export interface Simulation {
  readonly plan: Plan;
  readonly tasks: number;
  /** Attempts of converge in each task; all but the last fail their review. */
  readonly attempts: number;
  /** Attempts of smoke in each task; all but the last fail their test. */
  readonly smokes?: number;
  readonly status?: 'pass' | 'fail';
  /** Makes a commit on top of the last one, on the run's branch. */
  readonly commit: (path: string) => Promise<string>;
}

/** A whole run, one task after another. */
export async function simulate(simulation: Simulation): Promise<readonly Entry[]> {
  const { plan, tasks, attempts, smokes = 1, status = 'pass', commit } = simulation;
  const entries: Entry[] = [];
  const say = (...facts: readonly Fact[]) => entries.push(...facts.map((fact) => ({ fact })));
  let head = plan.base;
  say(started(plan), attempt({ step: 'decompose', attempt: 1, base: head, kind: 'split' }));
  say(made({ step: 'decompose', attempt: 1, commit: head }));
  say(...judged({ step: 'decompose', attempt: 1, gate: 'schema', commit: head }));
  for (let index = 1; index <= tasks; index++) {
    const task = `piece-${index}`;
    say({ type: 'task_started', step: 'decompose', task, index, base: head });
    for (const [name, count] of [
      ['converge', attempts],
      ['smoke', smokes],
    ] as const) {
      const path = `decompose/${task}/${name}`;
      for (let number = 1; number <= count; number++) {
        const isLast = number === count;
        say(attempt({ step: path, attempt: number, base: head, task }));
        const file = `src/${task}.js`;
        head = await commit(file);
        say(made({ step: path, attempt: number, commit: head, files: [file] }));
        entries.push({ published: head });
        const place = { step: path, attempt: number, commit: head };
        say(...judged({ ...place, gate: 'compile' }));
        const failsTest = name === 'smoke' && !isLast;
        say(...judged({ ...place, gate: 'test', ...(failsTest ? { verdict: 'fail' as const } : {}) }));
        if (name === 'converge') {
          const finding = { path: file, line: 1, severity: 'error', body: 'Say it politely.' };
          say(
            ...judged({
              ...place,
              gate: 'review',
              verdict: isLast ? 'pass' : 'fail',
              comments: 'See below.',
              findings: isLast ? [] : [finding],
            }),
          );
        }
      }
      say(finished(path, head, { attempt: count }));
    }
  }
  say(finished('decompose', head), attempt({ step: 'quality', attempt: 1, base: head, kind: 'gates' }));
  for (const name of ['compile', 'lint', 'test']) {
    const fails = status === 'fail' && name === 'test';
    say(
      ...judged({
        step: 'quality',
        attempt: 1,
        gate: name,
        commit: head,
        ...(fails ? { verdict: 'fail' as const } : {}),
      }),
    );
  }
  say(finished('quality', head, { status }), ended(head, status));
  return entries;
}
