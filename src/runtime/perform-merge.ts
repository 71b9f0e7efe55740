/** Performing a merge: a finished parallel task's commits come into the line of its split. */
import type { MergeEffect } from '../engine/effect.ts';
import type { Stage } from './dependencies.ts';

export async function performMerge(stage: Stage, effect: MergeEffect): Promise<void> {
  const { path, task, ours, theirs, base } = effect;
  if (ours === base) return merged(stage, effect, theirs);
  const message = `merge task ${task}\n\nGump-Run: ${stage.plan.run}\nGump-Step: ${path}/${task}\n`;
  const { commit, conflicts } = await stage.workspace.merge({ ours, theirs, base, message });
  if (commit) return merged(stage, effect, commit);
  const reason = `task ${task} conflicts with the tasks merged before it in ${conflicts.join(', ')}; its work stands at ${theirs.slice(0, 12)}`;
  await stage.recorder.emit({ type: 'task_conflict', step: path, task, files: conflicts, reason });
}

async function merged(stage: Stage, { path, task, scope }: MergeEffect, commit: string): Promise<void> {
  await stage.recorder.emit({ type: 'task_merged', step: path, task, commit });
  if (scope !== '') return;
  await stage.workspace.advance(commit);
  stage.secure(commit);
}
