/** `gump apply`: merges, and says what it did or why not. */
import { applyRun } from '../local.ts';
import { defineCommand, wordAt } from './command.ts';
import { exitCodes } from './exit-codes.ts';
import { repositoryOption } from './options.ts';
import { print, printDiagnostics, printError, printNote } from './output.ts';
import { repositoryFolder } from './place.ts';

interface Options {
  readonly repo?: string;
}

export const applyCommand = defineCommand<Options>({
  name: 'apply',
  description: 'Merge the result of a run into what is checked out.',
  arguments: [['[run]', 'the run; without it the latest that passed']],
  options: [repositoryOption()],
  examples: ['gump apply', 'gump apply 20261123-134501-3f2a'],
  notes: 'Undo: git reset --merge HEAD^',
  perform: (words, options) => apply(wordAt(words, 0), options),
});

async function apply(run: string | null, options: Options): Promise<number> {
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
    if (merge.unsigned) printNote(unsigned);
    return exitCodes.pass;
  }
  if (merge.status === 'unchanged') {
    print(`${branch} is merged already; nothing to do`);
    return exitCodes.pass;
  }
  const why = merge.status === 'conflict' ? `it conflicts in ${merge.files.join(', ')}` : merge.reason;
  const torn = merge.status === 'refused' ? merge.torn : [];
  const tree =
    torn.length === 0
      ? `the tree is as it was; merge by hand with: git merge ${branch}`
      : `git stopped half-way and left these files changed: ${torn.join(', ')}; \`git status\` shows them`;
  printError(`${branch} was not merged: ${why}\n  ${tree}`);
  return exitCodes.fail;
}

const unsigned =
  'it is not signed, though commit.gpgSign asks for that: gump signs nothing in your name; git commit --amend --no-edit -S does';
