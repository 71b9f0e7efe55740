/** The branches of parallel tasks, `<branch>-task-<n>`: a commit beside the run's line is on one while its task works. */
import type { Event } from '../events/event.ts';
import { runGit } from '../git/git.ts';
import type { Publisher, RefUpdate } from '../git/publish.ts';
import type { GitPlace } from './run-commit.ts';

export interface SideBranchesOptions {
  readonly publisher: Publisher;
  /** The run's own, a full name. */
  readonly branch: string;
  /** True where the step's commits are not on the run's own line until they are merged. */
  readonly isBeside: (step: string) => boolean;
  readonly onNotice: (message: string) => void;
}

export interface SideBranches {
  /** Events in their order, the old ones of a resumed run first. */
  see(events: readonly Event[]): void;
  /**
   * What is to be moved now, forward only: a branch on which something else lies stays as it is, and that is told once.
   * Empty where the remote cannot be asked: these branches are for people, and the ledger holds what they show.
   */
  due(place: () => Promise<GitPlace>): Promise<readonly RefUpdate[]>;
  moved(updates: readonly RefUpdate[]): void;
  /** Nothing more is moved. */
  giveUp(why: string): void;
}

export function createSideBranches(options: SideBranchesOptions): SideBranches {
  const tasks = new Map<string, string>();
  const newest = new Map<string, string>();
  const refused = new Set<string>();
  let tips: Map<string, string> | null = null;
  let isOver = false;

  function see(events: readonly Event[]): void {
    for (const event of events) {
      if (event.type === 'task_started') {
        const path = `${event.step}/${event.task}`;
        tasks.set(path, `${suffixOf(tasks, event.step)}-task-${event.index}`);
      } else if (
        (event.type === 'agent_completed' || event.type === 'tree_reset') &&
        options.isBeside(event.step)
      ) {
        const suffix = suffixOf(tasks, event.step);
        if (suffix !== '') newest.set(`${options.branch}${suffix}`, event.commit);
      }
    }
  }

  async function readTips(): Promise<Map<string, string>> {
    tips ??= new Map(await options.publisher.lsRemote([`${options.branch}-task-*`]));
    return tips;
  }

  async function due(place: () => Promise<GitPlace>): Promise<readonly RefUpdate[]> {
    if (isOver || newest.size === 0) return [];
    const known = await readTips().catch(() => null);
    if (known === null) return [];
    const updates: RefUpdate[] = [];
    for (const [ref, sha] of newest) {
      const tip = known.get(ref) ?? null;
      if (tip === sha || refused.has(ref)) continue;
      if (tip === null || (await isAncestor(await place(), tip, sha)))
        updates.push({ sha, ref, expectedOld: tip });
      else refuse(ref);
    }
    return updates;
  }

  function refuse(ref: string): void {
    refused.add(ref);
    const name = ref.replace('refs/heads/', '');
    options.onNotice(
      `The branch ${name} is left as it is: other work lies on it. This run's attempts are kept with its ledger; delete the branch, then a new run can use it.`,
    );
  }

  return {
    see,
    due,
    moved(updates) {
      for (const { ref, sha } of updates) tips?.set(ref, sha);
    },
    giveUp(why) {
      isOver = true;
      options.onNotice(
        `The branches of parallel tasks are not shown; their attempts are kept with the ledger: ${why}`,
      );
    },
  };
}

/** `-task-2`, within another task `-task-1-task-2`; empty outside of tasks. */
function suffixOf(tasks: ReadonlyMap<string, string>, step: string): string {
  const names = step.split('/');
  for (let count = names.length; count > 0; count--) {
    const suffix = tasks.get(names.slice(0, count).join('/'));
    if (suffix !== undefined) return suffix;
  }
  return '';
}

/** A commit that is not here is nobody's ancestor. */
async function isAncestor({ gitDir, env }: GitPlace, older: string, newer: string): Promise<boolean> {
  const { exitCode } = await runGit(['merge-base', '--is-ancestor', older, newer], {
    cwd: gitDir,
    env,
    okCodes: [0, 1, 128],
  });
  return exitCode === 0;
}
