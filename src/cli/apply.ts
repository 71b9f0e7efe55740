/** `gump apply`: merges, and says what it did or why not. */
import { applyRun } from '../local.ts';
import { exitCodes } from './command-line.ts';
import { print, printDiagnostics, printError } from './output.ts';
import { repositoryFolder } from './place.ts';

export async function runApply(run: string | null, options: { readonly repo?: string }): Promise<number> {
  const applied = await applyRun(repositoryFolder(options.repo), run);
  if (applied.kind === 'refused') {
    printDiagnostics(applied.diagnostics);
    return exitCodes.usage;
  }
  const { merge, branch } = applied;
  if (merge.status === 'merged') {
    const commit = merge.commit.slice(0, 12);
    // By its own name: ORIG_HEAD means something else after the next apply.
    print(`merged ${branch} as ${commit}\nundo: git reset --merge ${commit}^`);
    return exitCodes.pass;
  }
  if (merge.status === 'unchanged') {
    print(`${branch} is merged already; nothing to do`);
    return exitCodes.pass;
  }
  const why = merge.status === 'conflict' ? `it conflicts in ${merge.files.join(', ')}` : merge.reason;
  printError(
    `${branch} was not merged: ${why}\n  the tree is as it was; merge by hand with: git merge ${branch}`,
  );
  return exitCodes.fail;
}
