/** A task's blast radius: what lies outside its `files` may not be changed. */
import type { PlanNode } from '../plan/plan.ts';
import { createGlob } from '../workflow/glob.ts';
import type { Context } from './context.ts';

/** A sentence that names the files outside the task, or null where there are none. */
export function outsideTask(context: Context, node: PlanNode, changed: readonly string[]): string | null {
  const files = context.task?.files;
  if (!files || node.step.kind !== 'code' || context.judging !== null) return null;
  const outside = changed.filter((path) => !covers(files, path));
  if (outside.length === 0) return null;
  return `changed files outside the task "${context.task?.name}": ${outside.join(', ')}; undo these changes, the task's files are: ${files.join(', ')}`;
}

/** True when one of the paths or globs is the path, matches it, or is a folder above it; `.` is the top. */
export function covers(files: readonly string[], path: string): boolean {
  return files.some((entry) => {
    const pattern = entry.replace(/^(\.?\/)+/, '').replace(/\/+$/, '');
    if (pattern === '' || pattern === '.') return true;
    return pattern === path || path.startsWith(`${pattern}/`) || createGlob(pattern)(path);
  });
}
