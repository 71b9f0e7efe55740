/** `gump gc`: removes what runs have left behind and nobody may still want. */
import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import { explain } from '../errors.ts';
import { forgetKept, runsWithKept } from '../git/keep.ts';
import type { Repository } from '../git/repository.ts';
import { deleteBranch, isLoose, resultBranches, workingTrees } from '../git/result-branches.ts';
import { remains, removeFolder, removeRun, runsFolder, sizeOf, treeFolders } from '../ledger/remove-run.ts';
import { listRuns } from '../ledger/run-folder.ts';
import { abandonedScratch } from '../ledger/scratch.ts';
import { limits } from '../limits.ts';
import { choose, type Kept, type Leftovers, type Removal, type Wish } from './gc-choice.ts';
import { openHere } from './read-files.ts';
import { type RunStanding, standings } from './status.ts';

export type { Kept } from './gc-choice.ts';

export interface GcOrder extends Wish {
  readonly dir: string;
  /** Nothing is removed; what would be is told. */
  readonly dryRun: boolean;
  /** Told before each removal. */
  readonly onProgress: (done: number, count: number) => void;
}

export interface Removed {
  readonly kind: 'run' | 'branch' | 'folder' | 'references';
  /** Id, branch or path; of references, the run's id. */
  readonly name: string;
  readonly status: RunStanding['status'] | null;
  /** 0 for branches and references: git frees their commits in its own time. */
  readonly bytes: number;
}

export type Collected =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | {
      readonly kind: 'done';
      readonly removed: readonly Removed[];
      readonly kept: readonly Kept[];
      /** What could not be removed, and why. */
      readonly failures: readonly string[];
      readonly freedBytes: number;
    };

/** Goes on with the next where one cannot be removed. @throws GumpError where the repository cannot be read */
export async function collectGarbage(order: GcOrder): Promise<Collected> {
  const repository = await openHere(order.dir);
  if ('problem' in repository) return { kind: 'refused', diagnostics: [repository.problem] };
  await runsFolder(repository.root);
  const { keep, remove } = choose(await leftovers(repository), order);
  const gone = new Set(remove.flatMap((one) => (one.kind === 'run' ? [one.run.folder] : [])));
  const folders = await uselessFolders(repository, gone);
  const jobs = [...remove.map((one) => removal(repository, one)), ...folders.map(folderRemoval)];
  const removed: Removed[] = [];
  const failures: string[] = [];
  for (const [index, job] of jobs.entries()) {
    order.onProgress(index, jobs.length);
    try {
      for (const { look, perform } of job) {
        const told = await look();
        if (!order.dryRun) await perform();
        removed.push(told);
      }
    } catch (error) {
      failures.push(explain(error));
    }
  }
  const freedBytes = removed.reduce((sum, { bytes }) => sum + bytes, 0);
  return { kind: 'done', removed, kept: keep, failures, freedBytes };
}

async function leftovers({ root, commonDir }: Repository): Promise<Leftovers> {
  // First: a run has its folder before it has references, so that of one that begins meanwhile is seen below.
  const referenced = await runsWithKept(commonDir);
  const [runs, tips, trees] = await Promise.all([standings(root), resultBranches(root), workingTrees(root)]);
  const branches = new Map<string, boolean>();
  for (const [name, commit] of tips) branches.set(name, await isLoose(root, commit));
  const others = await Promise.all(trees.filter((tree) => tree !== root).map(runsOf));
  const known = new Set([...runs, ...others.flatMap((tree) => tree.runs ?? [])].map(({ run }) => run));
  const unseen = others.find((tree) => tree.runs === null)?.tree ?? null;
  return { runs, branches, known, referenced, unseen, beginning: await beginningNow(runs) };
}

/** `runs` is null where nobody can tell: the tree may be on a disk that is away. */
async function runsOf(tree: string) {
  try {
    await readdir(tree);
    return { tree, runs: await listRuns(tree) };
  } catch {
    return { tree, runs: null };
  }
}

async function beginningNow(runs: readonly RunStanding[]): Promise<ReadonlySet<string>> {
  const young = new Set<string>();
  for (const { run, begun, problem, folder } of runs) {
    if (begun || problem !== null) continue;
    const changedMs = (await lstat(folder).catch(() => null))?.mtimeMs ?? 0;
    if (Date.now() - changedMs < limits.beginningMs) young.add(run);
  }
  return young;
}

/** What nobody would miss: trees of runs that have passed, and what a killed process has left. */
async function uselessFolders({ root }: Repository, gone: ReadonlySet<string>): Promise<readonly string[]> {
  const runs = await standings(root);
  const passed = runs.filter(({ status, folder }) => status === 'pass' && !gone.has(folder));
  const trees = passed.flatMap(({ folder }) => treeFolders(folder));
  const isThere = await Promise.all(trees.map((path) => lstat(path).then(Boolean, () => false)));
  const scratch = await abandonedScratch(join(root, '.gump', 'runs'));
  return [...trees.filter((_, index) => isThere[index]), ...(await remains(root)), ...scratch];
}

interface Step {
  /** What goes, as it is before it goes. */
  readonly look: () => Promise<Removed>;
  readonly perform: () => Promise<void>;
}

/** Steps in their order; one that fails ends them. */
type Job = readonly Step[];

/** The run first: a branch without its run is found again, a run without its branch would seem to have made nothing. */
function removal({ root, commonDir }: Repository, one: Removal): Job {
  const branchStep = (name: string): Step => ({
    look: async () => ({ kind: 'branch', name, status: null, bytes: 0 }),
    perform: () => deleteBranch(root, name),
  });
  if (one.kind === 'branch') return [branchStep(one.branch)];
  if (one.kind === 'references') {
    const told: Removed = { kind: 'references', name: one.run, status: null, bytes: 0 };
    return [{ look: async () => told, perform: () => forgetKept(commonDir, one.run) }];
  }
  const { run, status, folder } = one.run;
  const runStep: Step = {
    look: async () => ({ kind: 'run', name: run, status, bytes: await sizeOf(folder) }),
    perform: async () => {
      await removeRun(root, run);
      await forgetKept(commonDir, run);
    },
  };
  return one.branch === null ? [runStep] : [runStep, branchStep(one.branch)];
}

function folderRemoval(path: string): Job {
  const look = async (): Promise<Removed> => ({
    kind: 'folder',
    name: path,
    status: null,
    bytes: await sizeOf(path),
  });
  return [{ look, perform: () => removeFolder(path) }];
}
