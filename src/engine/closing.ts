/** Closing what is open when a limit of the run is exceeded: every running step ends, from the inside out. */
import type { Fact } from '../events/event.ts';
import { own } from '../own.ts';
import type { PlanNode } from '../plan/plan.ts';
import { join } from './place.ts';
import type { GateState, StepState, Steps } from './state.ts';

export interface Closing {
  /** True while something that costs or changes anything has not ended yet. */
  readonly busy: boolean;
  readonly facts: readonly Fact[];
  /** The newest commit of this line, or null. */
  readonly commit: string | null;
}

interface Around {
  readonly nodes: readonly PlanNode[];
  readonly steps: Steps;
  readonly reason: string;
  /** Time stamp of the newest event. */
  readonly at: string | null;
  readonly prefix: string;
}

export function closing(around: Around): Closing {
  const known = around.nodes.flatMap((node) => {
    const step = own(around.steps, node.step.name);
    return step ? [{ node, step }] : [];
  });
  const open = known.filter(({ step }) => step.status === 'running');
  const parts = open.map(({ node, step }) => closeStep(around, node, step));
  const ended = known.findLast(({ step }) => step.commit !== null)?.step.commit ?? null;
  return {
    busy: parts.some((part) => part.busy),
    facts: parts.flatMap((part) => part.facts),
    commit: parts.findLast((part) => part.commit !== null)?.commit ?? ended,
  };
}

function closeStep(around: Around, node: PlanNode, step: StepState): Closing {
  const path = join(around.prefix, node.step.name);
  const gates = node.gates.flatMap(({ label, nodes }) => {
    const gate = own(step.attempt?.gates, label);
    return gate?.status === 'running' ? [closeGate({ ...around, nodes }, { path, label, gate, step })] : [];
  });
  const conditions = node.conditions.flatMap(({ label, nodes }) => {
    const gate = own(step.attempt?.conditions, label);
    return gate?.status === 'running'
      ? [closeCondition({ ...around, nodes }, { path, label, gate, step })]
      : [];
  });
  const tasks = Object.entries(step.tasks)
    .sort(([, one], [, other]) => one.index - other.index)
    .map(([name, task]) =>
      closing({ ...around, nodes: node.children, steps: task.steps, prefix: join(path, name) }),
    );
  const get = closing({ ...around, nodes: node.get ? [node.get] : [], steps: step.steps, prefix: path });
  // The body of a split stands in its tasks.
  const nodes = node.step.kind === 'split' ? [] : node.children;
  const children = closing({ ...around, nodes, steps: step.steps, prefix: path });
  const below = [get, ...gates, ...conditions, ...tasks, children];
  // What a branch made is no part of the line until it is merged.
  const inner = node.step.parallel ? null : [...tasks, children].findLast(hasCommit)?.commit;
  const worked = step.attempt?.end?.commit ?? step.attempt?.base;
  const commit = inner ?? step.line ?? worked ?? get.commit ?? step.base;
  const attempt = step.attempt?.number ?? step.round;
  const { reason } = around;
  const end: Fact = { type: 'step_completed', step: path, attempt, status: 'fail', commit, reason };
  return {
    busy: step.attempt?.launch?.open === true || below.some((part) => part.busy),
    facts: [...below.flatMap((part) => part.facts), end],
    commit,
  };
}

interface Judged {
  readonly path: string;
  readonly label: string;
  readonly gate: GateState;
  readonly step: StepState;
}

/** A measurement is ended by whoever runs it; a validator ends with its steps. */
function closeGate(around: Around, { path, label, gate, step }: Judged): Closing {
  if (!gate.validator) return { busy: true, facts: [], commit: null };
  const inside = closing({ ...around, steps: gate.steps, prefix: join(path, label) });
  const about = { step: path, attempt: step.attempt?.number ?? 1, gate: label, commit: gate.commit };
  const { reason } = around;
  const end: Fact = { type: 'gate_failed', ...about, duration_ms: ranMs(around, gate), reason };
  return { busy: inside.busy, facts: [...inside.facts, end], commit: null };
}

function closeCondition(around: Around, { path, label, gate, step }: Judged): Closing {
  const inside = closing({ ...around, steps: gate.steps, prefix: join(path, label) });
  const about = { step: path, attempt: step.attempt?.number ?? 1, condition: label, applies: false };
  const { reason } = around;
  const end: Fact = { type: 'condition_ended', ...about, duration_ms: ranMs(around, gate), reason };
  return { busy: inside.busy, facts: [...inside.facts, end], commit: null };
}

function ranMs({ at }: Around, { startedAt }: GateState): number {
  return at && startedAt ? Math.max(0, Date.parse(at) - Date.parse(startedAt)) : 0;
}

function hasCommit({ commit }: Closing): boolean {
  return commit !== null;
}
