/** Performing a merge: a finished branch's commits come into the line of its split or group. */
import type { MergeEffect } from '../engine/effect.ts';
import { locate } from '../engine/place.ts';
import type { MergeState } from '../engine/state.ts';
import { limits } from '../limits.ts';
import type { Conflict } from '../ports/workspace.ts';
import { cutMiddle } from '../template/cut.ts';
import type { Stage } from './dependencies.ts';

export async function performMerge(stage: Stage, effect: MergeEffect): Promise<void> {
  const { path: step, branch: task, ours, theirs, base } = effect;
  if (ours === base) return merged(stage, effect, theirs);
  const message = `merge ${task}\n\nGump-Run: ${stage.plan.run}\nGump-Step: ${step}/${task}\n`;
  const { commit, conflicts } = await stage.workspace.merge({ ours, theirs, base, message });
  if (commit) return merged(stage, effect, commit);
  const files = conflicts.map(({ path }) => path);
  const others = await otherSides(stage, effect, files);
  const reason = cutMiddle(reasonOf(effect, conflicts, others), limits.reasonBytesMax);
  await stage.recorder.emit({ type: 'task_conflict', step, task, files, with: others, reason });
}

async function merged(stage: Stage, { path, branch, scope }: MergeEffect, commit: string): Promise<void> {
  stage.ledger.hold(commit);
  await stage.recorder.emit({ type: 'task_merged', step: path, task: branch, commit });
  if (scope !== '') return;
  await stage.workspace.advance(commit);
  stage.secure(commit);
}

/** The branches whose merges changed the files before. */
async function otherSides(stage: Stage, { path }: MergeEffect, files: readonly string[]): Promise<string[]> {
  const merges = locate(stage.plan, stage.state(), path)?.step?.merges ?? {};
  const sides: string[] = [];
  for (const [name, merge] of Object.entries(merges)) {
    if (await touches(stage, merge, files)) sides.push(name);
  }
  return sides;
}

async function touches(
  stage: Stage,
  { onto, commit }: MergeState,
  files: readonly string[],
): Promise<boolean> {
  if (commit === null) return false;
  const changed = await stage.workspace.changedFiles(onto, commit);
  return changed.some((path) => files.some((file) => isSamePlace(path, file)));
}

/** A file may stand where the other side has a folder. */
function isSamePlace(one: string, other: string): boolean {
  return one === other || one.startsWith(`${other}/`) || other.startsWith(`${one}/`);
}

function reasonOf(
  { branch, theirs }: MergeEffect,
  conflicts: readonly Conflict[],
  others: readonly string[],
): string {
  const sides = others.length === 0 ? 'what was merged before it' : others.join(' and ');
  const files = conflicts.map(({ path, kind }) => (kind === null ? path : `${path} (${kind})`)).join(', ');
  const work = theirs.slice(0, 12);
  return `${branch} conflicts with ${sides} in ${files}; its work stands at ${work}`;
}
