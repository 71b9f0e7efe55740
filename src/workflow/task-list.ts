/** Whether the tasks of a split are well formed; what the gate `schema` and the engine go by. */
import { limits } from '../limits.ts';
import { whyOutside } from './contained.ts';
import { isStepName, nameRule } from './step-name.ts';
import type { Task } from './workflow.ts';

/** One sentence for every problem; empty where the tasks are well formed (an empty plan is). */
export function checkTasks(tasks: readonly Task[]): string[] {
  const problems: string[] = [];
  if (tasks.length > limits.tasksMax) {
    problems.push(`there are ${tasks.length} tasks; at most ${limits.tasksMax} are possible`);
  }
  const seen = new Set<string>();
  for (const [index, task] of tasks.entries()) {
    const label = task.name ? `task ${index + 1} (${excerpt(task.name)})` : `task ${index + 1}`;
    problems.push(...nameProblems(task.name, seen).map((problem) => `${label}: ${problem}`));
    if (!task.description?.trim()) problems.push(`${label}: the description is empty`);
    for (const file of task.files ?? []) {
      const why = whyOutside(file);
      if (why) problems.push(`${label}: ${excerpt(file)} is no path of the repository: ${why}`);
    }
    seen.add(task.name).add(task.name?.toLowerCase());
  }
  return problems;
}

function nameProblems(name: string, seen: ReadonlySet<string>): string[] {
  if (!name?.trim()) return ['the name is empty'];
  const problems: string[] = [];
  if (seen.has(name)) problems.push('the name stands twice');
  // Names become files and branches, and some file systems ignore case.
  else if (seen.has(name.toLowerCase()))
    problems.push('the name differs from that of another in its case only');
  if (!isStepName(name)) problems.push(`the name does not fit: ${nameRule}`);
  return problems;
}

function excerpt(text: string): string {
  const shown = JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
  return shown;
}
