/** `no_write` on the stream: a write that has happened where nothing may be written ends the attempt at once. */
import { realpathSync } from 'node:fs';
import { isAbsolute, relative, resolve } from 'node:path';
import type { AgentEffect } from '../engine/effect.ts';
import { locate } from '../engine/place.ts';
import type { Stage } from './dependencies.ts';

export interface Written {
  /** As the agent tells it: absolute, or relative to its tree. */
  readonly path: string;
  /** The tree that may only be read. */
  readonly dir: string;
}

/**
 * One breach is one event. A write outside the tree (the result file, a temporary folder) is none; one that was prevented
 * changes nothing, and fails the attempt at its end.
 */
export async function reportWrite(stage: Stage, effect: AgentEffect, { path, dir }: Written): Promise<void> {
  const inside = pathInside(dir, path);
  const place = locate(stage.plan, stage.state(), effect.path);
  // With `worktree: none` its folder is its own.
  if (inside === null || place?.step?.attempt?.guard || place?.node.step.worktree === 'none') return;
  const reason = `no_write: the agent has written ${inside}, and this step may write nothing`;
  const { path: step, attempt } = effect;
  await stage.recorder.emit({ type: 'guard_triggered', step, attempt, guard: 'no_write', reason });
}

/** Relative to the tree; null where it is not in it. The agent may know the tree by its real path. */
function pathInside(dir: string, path: string): string | null {
  const found = [dir, realpathSync.native(dir)].map((root) => relative(root, resolve(root, path)));
  return found.find((one) => one !== '' && !isAbsolute(one) && !/^\.\.(\/|$)/.test(one)) ?? null;
}
