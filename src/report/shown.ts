/** Paths as people see them: the n-th task is `task-n`, and the tasks of a workflow's only split stand under `build/`. */

export interface NumberedTask {
  /** State path: the split's path and the task's own name. */
  readonly path: string;
  /** From 1. */
  readonly index: number;
}

/**
 * The shown spelling of a state path. `build` is the only split's path (`Plan.build`); where it is null, tasks stand
 * under their split's own name. A path without a known task is given back as it is.
 */
export function shownPath(build: string | null, tasks: readonly NumberedTask[], path: string): string {
  let state = '';
  let shown = '';
  for (const name of path.split('/')) {
    const above = state;
    state = above === '' ? name : `${above}/${name}`;
    const task = tasks.find((one) => one.path === state);
    if (task) shown = `${above === build ? 'build' : shown}/task-${task.index}`;
    else shown = shown === '' ? name : `${shown}/${name}`;
  }
  return shown;
}
