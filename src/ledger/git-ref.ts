/** The ledger that outlives its machine: a file ledger whose run folder is pushed to a ref beside the result's branch. */
import { explain, GumpError } from '../errors.ts';
import { runGit } from '../git/git.ts';
import { borrowObjects, type Publisher, type RefUpdate } from '../git/publish.ts';
import { limits } from '../limits.ts';
import type { Ledger } from '../ports/ledger.ts';
import { type GitPlace, restoreRunFolder, writeRunCommit, writeRunTree } from './run-commit.ts';
import { createSideBranches, type SideBranches } from './side-branches.ts';

export interface GitRefLedgerOptions {
  /** The ledger in the run's folder: durable on this machine. */
  readonly file: Ledger;
  readonly publisher: Publisher;
  /** The run's folder. */
  readonly ledgerDir: string;
  /** `refs/gump/runs/<id>`. */
  readonly ref: string;
  /** `refs/heads/gump/issue-<n>`. */
  readonly branch: string;
  /** The git directory that holds the commits. */
  readonly objectsFrom: string;
  /** ISO 8601. */
  readonly now?: () => string;
  /** Between two pushes that nobody waits for. */
  readonly gapMs?: number;
  /** Called when the remote has the commit, on the branch or beside it; what it throws is nobody's business here. */
  readonly onPublished?: (commit: string) => void;
  /** Called when another engine turns out to have the run; nothing is pushed any more. */
  readonly onTakenOver?: () => void;
  /** True where a step's commits are beside the run's line; then its task gets a branch of its own. Default: none is. */
  readonly isBeside?: (step: string) => boolean;
  /** Told when a push failed that nobody waited for; the next one tries again. */
  readonly onNotice?: (message: string) => void;
}

/** True for the error that says that another engine has the run now. */
export function isTakenOver(error: unknown): boolean {
  return error instanceof GumpError && error.hint === takenOverHint;
}

const takenOverHint = 'This job has stopped and changes nothing more; see the log of the other one.';

export interface GitRefLedger extends Ledger {
  /** Waits for a push under way; begins none. */
  close(): Promise<void>;
}

/**
 * Appends to the file and pushes behind it: one push at a time, the newest state next. `settle` waits for a push that holds
 * everything appended and the commit; branch and ledger move together or not at all. Commits beside the branch are parents
 * of the ledger's own, so they come and go with it.
 * @throws GumpError `ledger` from `settle`, when the push failed for good.
 */
export function createGitRefLedger(options: GitRefLedgerOptions): GitRefLedger {
  const sides = createSideBranches({
    publisher: options.publisher,
    branch: options.branch,
    isBeside: options.isBeside ?? (() => false),
    onNotice: options.onNotice ?? (() => undefined),
  });
  const push = createPush(options, sides);
  let hasPast = false;
  let wanted = 0;
  let published = 0;
  let commit: string | null = null;
  const held = new Set<string>();
  let running: { readonly goal: number; readonly promise: Promise<void> } | null = null;
  let timer: NodeJS.Timeout | undefined;
  let closed = false;

  const begin = () => {
    const goal = wanted;
    const along = [...held];
    const promise = push(commit, along)
      .then(() => {
        for (const one of along) held.delete(one);
        published = Math.max(published, goal);
      })
      .finally(() => {
        running = null;
      });
    running = { goal, promise };
    return running;
  };
  /** A push under way may have begun before what is waited for: then its failure is not ours. */
  const reach = async (target: number) => {
    while (published < target) {
      const current = running ?? begin();
      try {
        await current.promise;
      } catch (error) {
        if (current.goal >= target) throw error;
      }
    }
  };
  const changed = () => {
    wanted += 1;
    if (timer || closed) return;
    timer = setTimeout(() => {
      timer = undefined;
      reach(wanted).catch((error: unknown) => options.onNotice?.(explain(error)));
    }, options.gapMs ?? limits.ledgerPushGapMs);
    timer.unref();
  };

  return {
    read: () => options.file.read(),
    append: async (events) => {
      if (!hasPast) sides.see(await options.file.read());
      hasPast = true;
      await options.file.append(events);
      sides.see(events);
      if (events.length > 0) changed();
    },
    keep: async (name, text) => {
      await options.file.keep(name, text);
      changed();
    },
    hold: (made) => {
      held.add(made);
      wanted += 1;
    },
    settle: async (made) => {
      await options.file.settle(made);
      clearTimeout(timer);
      timer = undefined;
      if (made !== null && made !== commit) {
        commit = made;
        wanted += 1;
      }
      await reach(wanted);
    },
    close: async () => {
      closed = true;
      clearTimeout(timer);
      await running?.promise.catch(() => undefined);
    },
  };
}

/**
 * Writes a run's folder as its ref has it; the folder must be empty or missing.
 * Null where the remote has no such ref, else the ledger's commit.
 * @throws GumpError `ledger` when something is in the folder; `git` when the remote cannot be read.
 */
export async function restoreFromRef(options: {
  readonly publisher: Publisher;
  readonly ref: string;
  readonly ledgerDir: string;
}): Promise<string | null> {
  const { publisher, ref } = options;
  const commit = (await publisher.clone({ refs: [ref] })).get(ref);
  if (commit === undefined) return null;
  await restoreRunFolder(publisher, commit, options.ledgerDir);
  return commit;
}

interface Tips {
  /** The ledger's commit that the remote has. */
  ledger: string | null;
  tree: string | null;
  /** The result's commit that the remote has. */
  branch: string | null;
}

type Push = (commit: string | null, held: readonly string[]) => Promise<void>;

function createPush(options: GitRefLedgerOptions, sides: SideBranches): Push {
  const { publisher } = options;
  let tips: Tips | null = null;
  let lost: GumpError | null = null;
  return async (commit, held) => {
    if (lost) throw lost;
    let tried: Tips | null = null;
    try {
      tips ??= await readTips(options);
      const tree = await writeRunTree(publisher, options.ledgerDir);
      const date = options.now?.() ?? new Date().toISOString();
      // What the branch brings along needs nobody else to carry it.
      const aside = held.filter((one) => one !== commit && one !== tips?.branch);
      const ledger =
        tree === tips.tree && tips.ledger !== null && aside.length === 0
          ? tips.ledger
          : await writeRunCommit(await placeOf(options), { tree, parent: tips.ledger, held: aside, date });
      const updates: RefUpdate[] = [];
      if (ledger !== tips.ledger) updates.push({ sha: ledger, ref: options.ref, expectedOld: tips.ledger });
      const moved = commit !== null && commit !== tips.branch;
      if (moved) updates.push({ sha: commit, ref: options.branch, expectedOld: tips.branch });
      tried = { ledger, tree, branch: commit ?? tips.branch };
      await pushWith(options, updates, sides);
      tips = tried;
      tell(options, moved ? [commit, ...aside] : aside);
    } catch (error) {
      const there = tips === null || tried === null ? undefined : await ledgerThere(options);
      if (tips === null || tried === null || there === undefined || there === tips.ledger)
        throw failure(options, error);
      if (there === tried.ledger) {
        // It had arrived; only the answer was lost.
        tips = tried;
        tell(options, commit === null ? held : [commit, ...held]);
        return;
      }
      lost = takenOver(options);
      options.onTakenOver?.();
      throw lost;
    }
  };
}

/** Together with the branches of tasks, in the same request; without them where that fails: they are for people only. */
async function pushWith(
  options: GitRefLedgerOptions,
  updates: readonly RefUpdate[],
  sides: SideBranches,
): Promise<void> {
  const from = { objectsFrom: options.objectsFrom };
  const due = await sides.due(() => placeOf(options));
  if (due.length === 0) return options.publisher.push(updates, from);
  try {
    await options.publisher.push([...updates, ...due], from);
    sides.moved(due);
  } catch (error) {
    if (error instanceof GumpError && error.retryable) throw error;
    await options.publisher.push(updates, from);
    sides.giveUp(explain(error));
  }
}

/** What the remote has as the ledger; undefined where it cannot be asked. */
async function ledgerThere({ publisher, ref }: GitRefLedgerOptions): Promise<string | null | undefined> {
  const refs = await publisher.lsRemote([ref]).catch(() => null);
  return refs === null ? undefined : (refs.get(ref) ?? null);
}

/** A run that goes on here may have begun elsewhere: its ledger goes on from what the remote has. */
async function readTips(options: GitRefLedgerOptions): Promise<Tips> {
  const { publisher, ref, branch } = options;
  const refs = await publisher.lastSeen([ref, branch]);
  const ledger = refs.get(ref) ?? null;
  if (ledger !== null) await publisher.fetch([`+${ref}:${ref}`]);
  return {
    ledger,
    tree: ledger === null ? null : await treeOf(publisher, ledger),
    branch: refs.get(branch) ?? null,
  };
}

function takenOver({ ref }: GitRefLedgerOptions): GumpError {
  return new GumpError(`The run goes on elsewhere: another job has moved ${ref}`, {
    code: 'ledger',
    hint: takenOverHint,
  });
}

async function treeOf(publisher: Publisher, commit: string): Promise<string> {
  const place = { cwd: publisher.gitDir, env: publisher.env };
  const { stdout } = await runGit(['rev-parse', '--verify', `${commit}^{tree}`], place);
  return stdout.toString('utf8').trim();
}

/** The clean clone, in which commits that are going to be pushed can be named already. */
async function placeOf({ publisher, objectsFrom }: GitRefLedgerOptions): Promise<GitPlace> {
  const borrowed = await borrowObjects(publisher.gitDir, objectsFrom);
  return { gitDir: publisher.gitDir, env: { ...publisher.env, ...borrowed } };
}

function tell(options: GitRefLedgerOptions, commits: readonly string[]): void {
  try {
    for (const commit of commits) options.onPublished?.(commit);
  } catch {
    // R6: who listens cannot hurt the run.
  }
}

function failure(options: GitRefLedgerOptions, cause: unknown): GumpError {
  const known = cause instanceof GumpError ? cause : null;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new GumpError(`The run's ledger was not published: ${why}`, {
    code: 'ledger',
    hint: known?.hint ?? `What happened is safe in ${options.ledgerDir}; resume the run.`,
    retryable: known?.retryable ?? false,
    cause,
  });
}
