/** The user's repository: what it is, and what is uncommitted in it. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Diagnostic } from '../diagnostic.ts';
import { runGit, splitNul, userEnvironment } from './git.ts';

export interface Repository {
  /** The top folder of the working tree. */
  readonly root: string;
  /** Of this working tree; for a linked worktree not the same as `commonDir`. */
  readonly gitDir: string;
  /** Where objects, branches and `info/exclude` are. */
  readonly commonDir: string;
  readonly head: string;
  /** Short name; null where HEAD is detached. */
  readonly branch: string | null;
  readonly objectFormat: 'sha1' | 'sha256';
}

/** The repository that a folder is in, or why a run cannot be made there. */
export async function openRepository(dir: string): Promise<Repository | { readonly problem: Diagnostic }> {
  const found = await ask(dir, [
    'rev-parse',
    '--is-bare-repository',
    '--absolute-git-dir',
    '--git-common-dir',
  ]);
  if (!found.ok) return { problem: notFound(dir, found.stderr) };
  const [bare, gitDir = '', common = '', ...rest] = found.lines;
  const top = bare === 'true' ? null : await ask(dir, ['rev-parse', '--show-toplevel']);
  const [root, ...more] = top?.lines ?? [];
  if (!top?.ok || !root) return { problem: noTree(dir) };
  // git tells paths in lines: what is a part of the path cannot be told from the next answer.
  if (rest.length > 0 || more.length > 0) return { problem: lineBreak(dir) };
  const [head, branch, format] = await Promise.all([
    ask(dir, ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}']),
    ask(dir, ['symbolic-ref', '--quiet', '--short', 'HEAD']),
    ask(dir, ['rev-parse', '--show-object-format']),
  ]);
  const commit = head.lines[0];
  if (!head.ok || !commit) return { problem: noCommit(root) };
  return {
    root,
    gitDir,
    commonDir: resolve(dir, common),
    head: commit,
    branch: (branch.ok && branch.lines[0]) || null,
    objectFormat: format.lines[0] === 'sha256' ? 'sha256' : 'sha1',
  };
}

/** Paths with uncommitted changes, ignored ones not; a folder that is new as a whole stands for what is in it (`name/`). */
export async function dirtyFiles(
  root: string,
): Promise<{ readonly tracked: readonly string[]; readonly untracked: readonly string[] }> {
  const { stdout } = await runGit(
    ['status', '--porcelain=v1', '-z', '--no-renames', '--untracked-files=normal'],
    {
      cwd: root,
      env: userEnvironment({ GIT_OPTIONAL_LOCKS: '0' }),
    },
  );
  const entries = splitNul(stdout);
  const paths = (untracked: boolean) =>
    entries.filter((entry) => entry.startsWith('??') === untracked).map((entry) => entry.slice(3));
  return { tracked: paths(false), untracked: paths(true) };
}

const ours = ['/.gump/runs/', '/.gump/worktrees/'];

/** Keeps our folders out of the user's `git status`, in a file that is theirs alone and never committed. */
export async function excludeOurs(repository: { readonly commonDir: string }): Promise<void> {
  const path = join(repository.commonDir, 'info', 'exclude');
  const text = await textOf(path);
  const lines = new Set(text.split(/\r?\n/));
  const missing = ours.filter((line) => !lines.has(line));
  if (missing.length === 0) return;
  await mkdir(join(repository.commonDir, 'info'), { recursive: true });
  const separator = text === '' || text.endsWith('\n') ? '' : '\n';
  // What stands there is the user's, in any encoding: it is not written anew.
  await appendFile(path, `${separator}${missing.join('\n')}\n`);
}

/** Empty where there is no such file. */
async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** Asks git something that it may refuse to answer. */
export async function ask(cwd: string, args: readonly string[]) {
  const okCodes = [0, 1, 2, 5, 128, 129];
  const { exitCode, stdout, stderr } = await runGit(args, { cwd, env: userEnvironment(), okCodes });
  const lines = stdout.toString('utf8').split('\n');
  if (lines.at(-1) === '') lines.pop();
  return { ok: exitCode === 0, lines, stderr };
}

function notFound(dir: string, stderr: string): Diagnostic {
  if (/dubious ownership|unsafe repository/.test(stderr)) {
    return {
      severity: 'error',
      code: 'foreign-repository',
      message: `git does not trust the repository at ${dir}: it belongs to another user`,
      hint: `git config --global --add safe.directory ${dir}`,
    };
  }
  return {
    severity: 'error',
    code: 'no-repository',
    message: `${dir} is not in a git repository`,
    hint: 'Run `git init` and make a first commit, or go to a folder of your repository.',
  };
}

function noTree(dir: string): Diagnostic {
  return {
    severity: 'error',
    code: 'bare-repository',
    message: `${dir} is in a repository without a working tree`,
    hint: 'Go to a clone or a worktree of it.',
  };
}

function lineBreak(dir: string): Diagnostic {
  return {
    severity: 'error',
    code: 'repository-path',
    message: `The path of the repository at ${JSON.stringify(dir)} has a line break in it, and no run can work there`,
    hint: 'Rename the folder, or clone the repository to another place.',
  };
}

function noCommit(root: string): Diagnostic {
  return {
    severity: 'error',
    code: 'no-commit',
    message: `The repository at ${root} has no commit yet, so there is nothing that a run could stand on`,
    hint: 'git add -A && git commit -m "first commit"',
  };
}
