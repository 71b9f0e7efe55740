/** The tree that an attempt works in, and what of it a judge may not see. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEffect } from '../engine/effect.ts';
import type { Place } from '../engine/place.ts';
import type { Tree } from '../ports/workspace.ts';
import { isAgentSetting } from './agent-settings.ts';
import type { Stage } from './dependencies.ts';
import { viewKey } from './perform-gate.ts';

/** `worktree: reset` is a commit that restores the tree; the line of commits only grows. */
export async function resetTree(
  { workspace, recorder, ledger, plan }: Stage,
  effect: AgentEffect,
): Promise<string> {
  const { reset, base, start, path, attempt } = effect;
  if (!reset) return base;
  const message = `${lastName(path)}: back to the start of the step\n\nGump-Run: ${plan.run}\nGump-Step: ${path}\nGump-Attempt: ${attempt}\n`;
  const commit = await workspace.restore({ parent: base, to: start, message });
  if (commit === base) return base;
  ledger.hold(commit);
  await recorder.emit({ type: 'tree_reset', step: path, attempt, to: start, commit });
  return commit;
}

export interface TreeWish {
  readonly effect: AgentEffect;
  readonly place: Place;
  readonly base: string;
  readonly scratch: string;
}

export async function treeFor(stage: Stage, { effect, place, base, scratch }: TreeWish): Promise<Tree> {
  if (place.node.step.worktree === 'none') {
    const dir = join(scratch, 'empty');
    await mkdir(dir);
    return { dir, commit: base };
  }
  const { workspace } = stage;
  const isJudge = effect.judging || effect.stepKind === 'validate';
  const commit = isJudge ? await withoutOrders(stage, effect, base) : base;
  return effect.judging ? workspace.view(viewKey(effect), commit) : workspace.tree(effect.scope, commit);
}

/** An attempt can leave no settings, hooks or orders for the agent that judges it (R8). */
async function withoutOrders(stage: Stage, { path: step }: AgentEffect, base: string): Promise<string> {
  const { commit, paths } = await stage.workspace.asFirst(base, isAgentSetting);
  if (paths.length === 0) return commit;
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  const message = `the judge's tree has ${paths.slice(0, 3).join(', ')}${more} as the run found them: they steer agents`;
  await stage.recorder.emit({ type: 'notice', step, message });
  return commit;
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
