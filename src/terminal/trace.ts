/** The trace of language.md §10: a state machine from events to lines. Pure; nothing here writes. */
import type { Event } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import { firstLine, oneLine } from '../report/line.ts';
import { nodeAt } from '../report/node.ts';
import { emptyScope, evolveScope, judgedStep, type Scope } from '../report/scope.ts';
import { shownPath } from '../report/shown.ts';
import { acceptance, type Memory, newMemory, stepWords } from './step.ts';
import { limitWords, reasonMax, runLine, type Words } from './words.ts';

export interface TraceOptions {
  /** Also the steps of validators. */
  readonly verbose?: boolean;
}

interface Trace {
  readonly plan: Plan;
  readonly memories: Map<string, Memory>;
  scope: Scope;
  /** State path of the line told last; empty for a line about the run; null before the first. */
  block: string | null;
  /** True where that line said how its step ended. */
  ended: boolean;
}

/** A line, the state path that it belongs to (empty for the run), and whether it says how that ended. */
type Line = readonly [block: string, text: string, ends?: boolean];

/**
 * A function from each event, in order, to the lines that tell it: none, one, or more, a blank one in front where
 * another step is told of than before. Without colour and without line endings.
 */
export function traceLines(plan: Plan, options: TraceOptions = {}): (event: Event) => readonly string[] {
  const trace: Trace = { plan, memories: new Map(), scope: emptyScope, block: null, ended: false };
  return (event) => {
    trace.scope = evolveScope(trace.scope, event);
    if (!options.verbose && isJudging(trace.scope, event)) return [];
    return linesOf(trace, event).flatMap((line) => [...gap(trace, line), oneLine(line[1])]);
  };
}

/** The steps of validators: their gate tells what came of them. */
function isJudging(scope: Scope, event: Event): boolean {
  return 'step' in event && event.step !== undefined && judgedStep(scope, event.step) !== null;
}

function linesOf(trace: Trace, event: Event): readonly Line[] {
  switch (event.type) {
    case 'run_resumed':
      for (const memory of trace.memories.values()) memory.resumed = true;
      return [['', runLine(event)]];
    case 'budget_set': {
      const by = event.by === null ? '' : ` by ${event.by}`;
      return [['', `Budget set: $${event.max_budget.toFixed(2)}${by}`]];
    }
    case 'run_replayed': {
      const from = shownPath(trace.plan.build, trace.scope.tasks, event.from_step);
      return [['', `Run replayed: from ${from} of the run ${event.of}`]];
    }
    case 'run_completed':
    case 'run_paused':
    case 'run_interrupted':
    case 'run_handed_over':
    case 'run_fanned_out':
    case 'branch_left':
      return [['', runLine(event)]];
    case 'budget_exceeded':
      return at(trace, event.step ?? event.scope, [limitWords(event)]);
    case 'notice':
      return at(trace, event.step ?? 'run', [['notice', firstLine(event.message, reasonMax)]]);
    case 'task_started': {
      const task = at(trace, `${event.step}/${event.task}`, [['task', event.task]]);
      return [...at(trace, event.step, acceptance(memoryOf(trace, event.step))), ...task];
    }
    case 'task_conflict': {
      const words: Words = ['fail', firstLine(event.reason, reasonMax)];
      return at(trace, `${event.step}/${event.task}`, [words]);
    }
    default:
      return 'step' in event ? stepLines(trace, event) : [];
  }
}

function stepLines(trace: Trace, event: Extract<Event, { step?: string }>): readonly Line[] {
  const path = event.step ?? '';
  if (event.type === 'step_started') trace.memories.set(path, newMemory());
  return at(trace, path, stepWords(event, memoryOf(trace, path), nodeAt(trace.plan, path)));
}

function memoryOf(trace: Trace, path: string): Memory {
  const memory = trace.memories.get(path) ?? newMemory();
  trace.memories.set(path, memory);
  return memory;
}

function at(trace: Trace, path: string, lines: readonly Words[]): readonly Line[] {
  const shown = `[${shownPath(trace.plan.build, trace.scope.tasks, path)}]`.padEnd(28);
  return lines.map(([word, rest]) => [
    path,
    `${shown} ${word.padEnd(8)} ${rest}`.trimEnd(),
    endings.has(word),
  ]);
}

const endings: ReadonlySet<string> = new Set(['pass', 'fail', 'skipped', 'cancelled', 'paused']);

/**
 * A blank line where the block changes; none where the one before goes on (steps side by side), and a task's own line
 * stands directly above the task's first step.
 */
function gap(trace: Trace, [block, , ends = true]: Line): readonly string[] {
  const { block: before, ended } = trace;
  trace.block = block;
  trace.ended = ends;
  if (before === null || (before === block && block !== '')) return [];
  return ended || block === '' ? [''] : [];
}
