/** `gump apply`: the result of a passed run comes into what is checked out, by a merge and nothing else. */
import type { Diagnostic } from '../diagnostic.ts';
import { resultBranch } from '../git/keep.ts';
import { type BranchMerge, mergeBranch } from '../git/merge-branch.ts';
import { listRuns } from '../ledger/run-folder.ts';
import { usage } from './local-run.ts';
import { openHere } from './read-files.ts';

export type Applied =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'merged'; readonly run: string; readonly branch: string; readonly merge: BranchMerge };

/** Without an id the latest run that passed. @throws GumpError `git` when git itself fails. */
export async function applyRun(dir: string, wanted: string | null): Promise<Applied> {
  const repository = await openHere(dir);
  if ('problem' in repository) return { kind: 'refused', diagnostics: [repository.problem] };
  const runs = await listRuns(repository.root);
  const run =
    wanted === null ? runs.find(({ status }) => status === 'pass') : runs.find((one) => one.run === wanted);
  if (!run) return refusal(wanted, runs.length);
  if (run.status !== 'pass') {
    const problem = usage(
      `the run ${run.run} has not passed (${run.status}); nothing was merged`,
      'go on with it by `gump run --resume`',
    );
    return { kind: 'refused', diagnostics: [problem] };
  }
  const branch = resultBranch(run.run);
  const message = `Merge branch '${branch}'`;
  const merge = await mergeBranch({ root: repository.root, ref: `refs/heads/${branch}`, message });
  return { kind: 'merged', run: run.run, branch, merge };
}

function refusal(wanted: string | null, count: number): Applied {
  const none = count === 0 ? 'there are no runs in this repository' : 'no run here has passed';
  const message =
    wanted === null ? `nothing was merged: ${none}` : `nothing was merged: there is no run ${wanted} here`;
  return { kind: 'refused', diagnostics: [usage(message, '`gump status` lists the runs')] };
}
