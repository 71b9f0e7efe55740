import { gitOutput, gitOutputIfAny } from '../runner/repository-git.ts';

export interface BranchData {
  readonly name: string;
  readonly sha: string;
  readonly subject: string;
}

export interface CommitData {
  readonly sha: string;
  readonly parents: readonly string[];
  readonly author: string;
  /** ISO 8601, the committer's. */
  readonly date: string;
  readonly subject: string;
  readonly body: string;
  readonly trailers: readonly (readonly [name: string, value: string])[];
}

const commitFormat = '%H%x00%P%x00%an%x00%cI%x00%s%x00%b%x00%(trailers:only,unfold)%x1e';

/** All branches, the newest first. */
export async function branchesOf(gitDir: string): Promise<readonly BranchData[]> {
  const format = '%(refname:short)%00%(objectname)%00%(contents:subject)';
  const text = await gitOutput(gitDir, [
    'for-each-ref',
    '--sort=-committerdate',
    `--format=${format}`,
    'refs/heads',
  ]);
  return linesOf(text).map((line) => {
    const [name = '', sha = '', subject = ''] = line.split('\0');
    return { name, sha, subject };
  });
}

/** The commits that `head` has and `base` has not, the oldest first; none when a name is unknown. */
export async function commitsBetween(
  gitDir: string,
  base: string,
  head: string,
): Promise<readonly CommitData[]> {
  const text = await gitOutputIfAny(gitDir, [
    'log',
    '--topo-order',
    '--reverse',
    `--format=${commitFormat}`,
    '--end-of-options',
    `${base}..${head}`,
  ]);
  return (text ?? '')
    .split('\x1e\n')
    .filter((record) => record !== '')
    .map(parseCommit);
}

/** One commit; undefined when there is none of that name. */
export async function commitOf(gitDir: string, name: string): Promise<CommitData | undefined> {
  const args = ['log', '-1', `--format=${commitFormat}`, '--end-of-options', `${name}^{commit}`];
  const text = await gitOutputIfAny(gitDir, args);
  return recordsOf(text)[0];
}

/** What a pull request changes: from where the branches parted to the head; empty when a name is unknown. */
export async function pullDiffOf(gitDir: string, base: string, head: string): Promise<string> {
  return (await gitOutputIfAny(gitDir, [...diffArgs, '--end-of-options', `${base}...${head}`])) ?? '';
}

/** What a commit changes against its first parent, or against nothing. */
export async function commitDiffOf(gitDir: string, commit: CommitData): Promise<string> {
  const [parent] = commit.parents;
  if (parent !== undefined) return gitOutput(gitDir, [...diffArgs, '--end-of-options', parent, commit.sha]);
  return gitOutput(gitDir, ['diff-tree', '--root', '--no-commit-id', '-p', '--no-color', commit.sha]);
}

/** The newest commits of a ref, at most fifty. */
export async function recentCommitsOf(gitDir: string, sha: string): Promise<readonly CommitData[]> {
  const args = ['log', '-50', `--format=${commitFormat}`, '--end-of-options', sha];
  return recordsOf(await gitOutputIfAny(gitDir, args));
}

/** A file of a commit; undefined when it is not there. */
export function fileOf(gitDir: string, sha: string, path: string): Promise<string | undefined> {
  return gitOutputIfAny(gitDir, ['cat-file', 'blob', `${sha}:${path}`]);
}

/** All paths of a tree. */
export async function pathsOf(gitDir: string, ref: string): Promise<readonly string[]> {
  const text = await gitOutputIfAny(gitDir, ['ls-tree', '-r', '--name-only', '-z', '--end-of-options', ref]);
  return (text ?? '').split('\0').filter((path) => path !== '');
}

const diffArgs = ['diff', '--no-color', '--no-ext-diff', '--no-textconv', '--find-renames'];

function recordsOf(text: string | undefined): readonly CommitData[] {
  return (text ?? '')
    .split('\x1e\n')
    .filter((record) => record !== '')
    .map(parseCommit);
}

function parseCommit(record: string): CommitData {
  const [sha = '', parents = '', author = '', date = '', subject = '', body = '', trailers = ''] =
    record.split('\0');
  const text = trailers.trim();
  return {
    sha,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    author,
    date,
    subject,
    body: text === '' ? body.trim() : body.replace(text, '').trim(),
    trailers: linesOf(text).map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon), line.slice(colon + 1).trim()];
    }),
  };
}

function linesOf(text: string): readonly string[] {
  return text.split('\n').filter((line) => line !== '');
}
