/** The merge that `gump apply` makes in the user's repository: whole, or not at all. */
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { gumpAuthor } from './commit.ts';
import { type Environment, gitText, runGit, splitNul, userEnvironment, withSettings } from './git.ts';
import { mergeTrees } from './merge.ts';
import { removeTree } from './remove.ts';
import { ask, dirtyFiles } from './repository.ts';

export type BranchMerge =
  | {
      readonly status: 'merged';
      readonly commit: string;
      /** The user's configuration asks for signed commits, and this one is not. */
      readonly unsigned: boolean;
    }
  /** There was nothing to merge. */
  | { readonly status: 'unchanged'; readonly commit: string }
  /** Nothing was changed, or the merge was taken back; the tree is as it was. */
  | { readonly status: 'conflict'; readonly files: readonly string[] }
  /** git did not begin, e.g. because of uncommitted changes in the same files; `torn`: files that it changed all the same. */
  | { readonly status: 'refused'; readonly reason: string; readonly torn: readonly string[] };

export interface MergeOrder {
  readonly root: string;
  readonly ref: string;
  readonly message: string;
}

/**
 * Merges a branch into what is checked out, with a merge commit; no hook, no configured identity needed. Never signed: a
 * signature says that a person has looked, and a program that asks for a passphrase, or fails, is no part of a merge.
 */
export async function mergeBranch(order: MergeOrder): Promise<BranchMerge> {
  const { root } = order;
  const [theirs, head, busy] = await Promise.all([
    ask(root, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${order.ref}^{commit}`]),
    ask(root, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    ask(root, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD']),
  ]);
  const [commit] = theirs.lines;
  const [ours = ''] = head.lines;
  if (!theirs.ok || !commit) return refused(`There is no branch or commit ${order.ref}`);
  if (busy.ok) return refused('Another merge is under way: conclude or abort it first');
  const { tree, conflicts } = await mergeTrees({ cwd: root, env: userEnvironment() }, ours, commit);
  if (tree === null) return { status: 'conflict', files: conflicts.map(({ path }) => path) };
  const trouble = await rehearse(root, { from: ours, to: tree });
  return trouble === null ? merge(order, { ours, commit }) : refused(trouble);
}

function refused(reason: string, torn: readonly string[] = []): BranchMerge {
  return { status: 'refused', reason, torn };
}

/**
 * Writes the files that the merge changes to a folder that nobody needs, where a filter of the user's is at work: git stops
 * half-way at one that fails, and has no way back then. The reason why they cannot be written, or null.
 */
async function rehearse(root: string, { from, to }: Record<'from' | 'to', string>): Promise<string | null> {
  const filters = await ask(root, ['config', '--get-regexp', '^filter\\..*\\.(smudge|process)$']);
  if (!filters.ok) return null;
  const dir = await mkdtemp(join(tmpdir(), 'gump-apply-'));
  const env = userEnvironment({
    GIT_DIR: await gitText(['rev-parse', '--absolute-git-dir'], { cwd: root, env: userEnvironment() }),
    GIT_WORK_TREE: dir,
    GIT_INDEX_FILE: join(dir, '.git'),
  });
  try {
    await runGit(['read-tree', from], { cwd: dir, env });
    await runGit(['read-tree', '-m', '-u', from, to], { cwd: dir, env });
    return null;
  } catch (error) {
    if (!(error instanceof GumpError)) throw error;
    return `its files cannot be written: ${error.message}`;
  } finally {
    await removeTree(dir);
  }
}

interface Sides {
  readonly ours: string;
  readonly commit: string;
}

async function merge({ root, message }: MergeOrder, { ours, commit }: Sides): Promise<BranchMerge> {
  const env = withSettings({ ...userEnvironment(), ...(await fallbackIdentity(root)) }, mergeSettings);
  const before = await changesIn(root);
  const plain = ['--no-ff', '--no-verify', '--no-edit', '--no-gpg-sign'];
  const result = await runGit(['merge', ...plain, '-m', message, commit], {
    cwd: root,
    env,
    okCodes: [0, 1, 2, 128],
  });
  if (result.exitCode === 0) {
    const after = await gitText(['rev-parse', 'HEAD'], { cwd: root, env });
    if (after === ours) return { status: 'unchanged', commit: after };
    return { status: 'merged', commit: after, unsigned: await wantsSignature(root) };
  }
  const files = await conflicts(root, env);
  const begun = await ask(root, ['rev-parse', '--verify', '--quiet', 'MERGE_HEAD']);
  if (begun.ok) await runGit(['merge', '--abort'], { cwd: root, env });
  if (files.length > 0) return { status: 'conflict', files };
  const torn = (await changesIn(root)).filter((path) => !before.includes(path));
  return refused(result.stderr.trim() || result.stdout.toString('utf8').trim(), torn);
}

const mergeSettings = [
  ['merge.autoStash', 'false'],
  ['merge.verifySignatures', 'false'],
  ['rerere.enabled', 'false'],
] as const;

async function changesIn(root: string): Promise<readonly string[]> {
  const { tracked, untracked } = await dirtyFiles(root);
  return [...tracked, ...untracked];
}

async function conflicts(root: string, env: Environment): Promise<string[]> {
  const { stdout } = await runGit(['diff', '--name-only', '--diff-filter=U', '--no-ext-diff', '-z'], {
    cwd: root,
    env,
  });
  return [...new Set(splitNul(stdout))].sort();
}

/** git refuses to commit for nobody: on a runner, or a fresh machine. */
async function fallbackIdentity(root: string): Promise<Environment> {
  const [name, email] = await Promise.all([
    ask(root, ['config', 'user.name']),
    ask(root, ['config', 'user.email']),
  ]);
  return {
    ...(name.lines[0] ? {} : { GIT_AUTHOR_NAME: gumpAuthor.name, GIT_COMMITTER_NAME: gumpAuthor.name }),
    ...(email.lines[0] ? {} : { GIT_AUTHOR_EMAIL: gumpAuthor.email, GIT_COMMITTER_EMAIL: gumpAuthor.email }),
  };
}

/** The last value is ours, of `userEnvironment`; the one before it is the user's. */
async function wantsSignature(root: string): Promise<boolean> {
  const { lines } = await ask(root, ['config', '--type=bool', '--get-all', 'commit.gpgSign']);
  return lines.at(-2) === 'true';
}
