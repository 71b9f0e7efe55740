/** What a reader of events has to remember to place a path: the tasks there are, and the gates that are judging. */
import type { Event } from '../events/event.ts';

export interface ScopedTask {
  readonly path: string;
  readonly split: string;
  readonly name: string;
  readonly index: number;
}

export interface Scope {
  /** In the order in which they started. */
  readonly tasks: readonly ScopedTask[];
  /** `<step path>/<gate>` of every gate that has started and not ended; retry conditions are among them. */
  readonly judging: ReadonlySet<string>;
}

export const emptyScope: Scope = { tasks: [], judging: new Set() };

export function evolveScope(scope: Scope, event: Event): Scope {
  switch (event.type) {
    case 'step_started':
      return { tasks: without(scope.tasks, event.step), judging: below(scope.judging, event.step) };
    case 'task_started':
      return { ...scope, tasks: withTask(scope.tasks, event) };
    case 'gate_started':
      return { ...scope, judging: new Set([...scope.judging, `${event.step}/${event.gate}`]) };
    case 'condition_started':
      return { ...scope, judging: new Set([...scope.judging, `${event.step}/${event.condition}`]) };
    case 'condition_ended':
      return { ...scope, judging: below(scope.judging, `${event.step}/${event.condition}`) };
    case 'gate_passed':
    case 'gate_failed':
    case 'gate_skipped':
      return { ...scope, judging: below(scope.judging, `${event.step}/${event.gate}`) };
    default:
      return scope;
  }
}

/** The step that a validator's step judges, the outermost one; null for a step of the run's own. */
export function judgedStep(scope: Scope, path: string): string | null {
  if (scope.judging.size === 0) return null;
  const names = path.split('/');
  for (let length = 2; length < names.length; length++) {
    if (scope.judging.has(names.slice(0, length).join('/'))) return names.slice(0, length - 1).join('/');
  }
  return null;
}

function withTask(tasks: readonly ScopedTask[], event: { step: string; task: string; index: number }) {
  const path = `${event.step}/${event.task}`;
  const task = { path, split: event.step, name: event.task, index: event.index };
  return [...tasks.filter((one) => one.path !== path), task];
}

/** A split that starts again makes new tasks. */
function without(tasks: readonly ScopedTask[], split: string): readonly ScopedTask[] {
  return tasks.some((task) => task.split === split) ? tasks.filter((task) => task.split !== split) : tasks;
}

function below(judging: ReadonlySet<string>, path: string): ReadonlySet<string> {
  if (judging.size === 0) return judging;
  return new Set([...judging].filter((key) => key !== path && !key.startsWith(`${path}/`)));
}
