/**
 * Branches side by side: the tasks of a parallel split, the children of a parallel group. Each has a tree of its own from
 * one commit; those that pass are merged in declaration order, and none hurts another's finished work.
 */

import { own } from '../own.ts';
import type { Context, Outcome } from './context.ts';
import { pending } from './context.ts';
import type { Effect } from './effect.ts';
import { join } from './place.ts';
import type { StepState } from './state.ts';

export interface Branch {
  /** The task's or the child's; it names the tree, too. */
  readonly name: string;
  /** The commit on which it has started; undefined before. */
  readonly start: string | undefined;
  /** What it wants next; the context is that of its own tree, its head the commit on which it starts. */
  readonly decide: (context: Context) => Outcome;
}

export interface Fork {
  readonly context: Context;
  /** Of the split or group. */
  readonly path: string;
  readonly step: StepState;
  /** The commit on which its branches start. */
  readonly base: string;
}

/** Passes with the line behind the last merge; fails with every branch's reason, once all have come to an end. */
export function decideBranches(fork: Fork, branches: readonly Branch[]): Outcome {
  const head = fork.step.line ?? fork.base;
  const effects: Effect[] = [];
  const failures: string[] = [];
  let isSettled = true;
  for (const branch of branches) {
    const outcome = decideBranch(fork, branch, isSettled ? head : null);
    if (outcome.status === 'fail') failures.push(outcome.reason);
    if (outcome.status !== 'pending') continue;
    effects.push(...outcome.effects);
    isSettled = false;
  }
  if (!isSettled) return pending(...effects);
  return failures.length === 0
    ? { status: 'pass', head, reason: null }
    : { status: 'fail', head, reason: failures.join('; ') };
}

/** `line` is what it is merged into; null while one in front of it is on its way. */
function decideBranch({ context, path, step, base }: Fork, branch: Branch, line: string | null): Outcome {
  const { name } = branch;
  const merge = own(step.merges, name);
  if (merge?.commit) return { status: 'pass', head: merge.commit, reason: null };
  if (merge && merge.again === null) return { status: 'fail', head: base, reason: merge.reason ?? '' };
  const start = branch.start ?? merge?.again ?? base;
  const outcome = branch.decide({ ...context, scope: join(path, name), head: start });
  if (outcome.status !== 'pass') return outcome;
  if (line === null) return pending();
  return pending({
    kind: 'merge',
    id: `${join(path, name)}/merge`,
    path,
    branch: name,
    scope: context.scope,
    ours: line,
    theirs: outcome.head,
    base: start,
  });
}

/** Why a fork has failed and what to do, for people; what another round can mend is told without it. */
export function withAdvice({ merges }: StepState, branches: readonly unknown[], reason: string): string {
  const merged = Object.values(merges).filter(({ commit }) => commit !== null).length;
  return `${reason}; ${merged} of ${branches.length} are merged, and a resume of the run does the rest on top of them`;
}
