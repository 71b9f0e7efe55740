/** Plans from workflow text, events from facts, and the sentences that tests ask of them. */
import { expect } from 'vitest';
import { fold } from '../../src/engine/evolve.ts';
import { locate, type Place } from '../../src/engine/place.ts';
import type { RunState, StepState } from '../../src/engine/state.ts';
import type { Event, EventOf, EventType, Fact, RunSettings } from '../../src/events/event.ts';
import { buildPlan } from '../../src/plan/build.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { specFromText } from '../../src/spec/spec.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';
import { stepAt } from './step-at.ts';

export const defaults: RunSettings = {
  default_agent: null,
  agent: null,
  max_budget: null,
  max_parallel: 4,
  pause_after: null,
};

interface PlanOptions {
  readonly settings?: Partial<RunSettings>;
  /** Text of the steps of validators, by path. */
  readonly validators?: Readonly<Record<string, string>>;
  /** Text of the steps of called workflows, by path. */
  readonly called?: Readonly<Record<string, string>>;
  /** Root keys of what is called, by path. */
  readonly calledRoots?: Readonly<Record<string, string>>;
  readonly spec?: string;
  /** Root keys of the workflow, e.g. `max_budget: 1`. */
  readonly root?: string;
}

function workflowOf(steps: string, root = ''): Workflow {
  const text = `name: w\n${root}\nsteps:\n${steps}`;
  const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt: () => null });
  if (!workflow) throw new Error(`${text}\n${JSON.stringify(diagnostics, null, 1)}`);
  return workflow;
}

/** The plan of a workflow with these steps, indented by two. */
export function planOf(steps: string, options: PlanOptions = {}): Plan {
  const called = new Map(
    Object.entries({ ...options.validators, ...options.called }).map(([path, text]) => [
      path,
      workflowOf(text, options.calledRoots?.[path]),
    ]),
  );
  const { plan, diagnostics } = buildPlan({
    run: 'r1',
    workflow: workflowOf(steps, options.root),
    spec: specFromText(options.spec ?? 'build it', 'spec.md'),
    base: 'b0',
    settings: { ...defaults, ...options.settings },
    gump: '0.1.0',
    called: (path) => called.get(path) ?? null,
  });
  if (!plan) throw new Error(JSON.stringify(diagnostics, null, 1));
  return plan;
}

/** Events of facts, one second apart, behind those that were there. */
export function eventsOf(facts: readonly Fact[], past: readonly Event[] = []): Event[] {
  return facts.map((fact, index): Event => {
    const seq = past.length + index + 1;
    return { v: 1, seq, ts: new Date(Date.UTC(2026, 10, 1) + seq * 1000).toISOString(), ...fact };
  });
}

export function startOf(plan: Plan): Fact {
  const { run, workflow, base, settings, gump } = plan;
  return {
    type: 'run_started',
    run,
    workflow,
    spec_hash: plan.spec.hash,
    spec_origin: plan.spec.origin,
    base,
    settings,
    gump,
  };
}

export function resumeOf(plan: Plan, more: { max_budget?: number | null } = {}): Fact {
  return { type: 'run_resumed', run: plan.run, reason: 'was lost', ...more };
}

export function only<T extends EventType>(events: readonly Event[], type: T): EventOf<T>[] {
  return events.filter((event): event is EventOf<T> => event.type === type);
}

/** The one event of a kind. */
export function one<T extends EventType>(events: readonly Event[], type: T): EventOf<T> {
  const found = only(events, type);
  expect(found.map((event) => JSON.stringify(event))).toHaveLength(1);
  return found[0] as EventOf<T>;
}

export function placeAt(plan: Plan, state: RunState, path: string): Place {
  const place = locate(plan, state, path);
  if (!place) throw new Error(`there is no ${path}`);
  return place;
}

export function stepOf(events: readonly Event[], path: string): StepState {
  const step = stepAt(fold(events), path);
  if (!step) throw new Error(`there is no step ${path}`);
  return step;
}
