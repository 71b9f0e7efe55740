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
  const isJudge = effect.judging || effect.stepKind === 'validate';
  return isJudge ? treeOfJudge(stage, effect, base) : stage.workspace.tree(effect.scope, base);
}

/** An attempt can leave no settings, hooks or orders for the agent that judges it (R8), in no commit and beside it. */
async function treeOfJudge(stage: Stage, effect: AgentEffect, base: string): Promise<Tree> {
  const { workspace } = stage;
  const { commit, paths } = await workspace.asFirst(base, isAgentSetting);
  if (effect.judging) {
    await tellOrders(stage, effect, paths);
    return workspace.view(viewKey(effect), commit);
  }
  const tree = await workspace.tree(effect.scope, commit);
  const beside = await workspace.takeAway(tree, isAgentSetting);
  await tellOrders(stage, effect, [...new Set([...paths, ...beside])].sort());
  return tree;
}

async function tellOrders(
  stage: Stage,
  { path: step }: AgentEffect,
  paths: readonly string[],
): Promise<void> {
  if (paths.length === 0) return;
  const more = paths.length > 3 ? ` and ${paths.length - 3} more` : '';
  const message = `the judge's tree has ${paths.slice(0, 3).join(', ')}${more} as the run found them: they steer agents`;
  await stage.recorder.emit({ type: 'notice', step, message });
}

export function lastName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
