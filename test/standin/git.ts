import { spawn } from 'node:child_process';

/** git said no; `message` is what it wrote to standard error. */
export class GitFailure extends Error {
  readonly exitCode: number | null;

  constructor(args: readonly string[], exitCode: number | null, stderr: string) {
    super(`git ${args.join(' ')} ended with ${exitCode}: ${stderr.trim()}`);
    this.name = 'GitFailure';
    this.exitCode = exitCode;
  }
}

export interface GitOptions {
  readonly input?: string | Buffer;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** The environment of every git process here: no global configuration, no prompt, one language. */
export function gitEnvironment(more: Readonly<Record<string, string>> = {}): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '/usr/bin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    ...more,
  };
}

/** Runs git in a bare repository, without a shell. @returns standard output. @throws GitFailure */
export function git(gitDir: string, args: readonly string[], options: GitOptions = {}): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', ['--git-dir', gitDir, ...args], {
      env: gitEnvironment(options.env),
      ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const out: Buffer[] = [];
    const err: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(new GitFailure(args, code, Buffer.concat(err).toString()));
    });
    // A process that ends before it has read everything breaks the pipe; its exit code tells why.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
}

export async function gitText(
  gitDir: string,
  args: readonly string[],
  options: GitOptions = {},
): Promise<string> {
  return (await git(gitDir, args, options)).toString().trim();
}

export interface GitRef {
  readonly ref: string;
  readonly type: string;
  readonly sha: string;
}

/** All refs by name; empty in an empty repository. */
export async function listRefs(gitDir: string): Promise<GitRef[]> {
  const text = await gitText(gitDir, ['for-each-ref', '--format=%(refname) %(objecttype) %(objectname)']);
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [ref = '', type = '', sha = ''] = line.split(' ');
      return { ref, type, sha };
    });
}

export interface GitObject {
  readonly sha: string;
  readonly type: string;
  readonly size: number;
}

/** What the names stand for, in order; null where there is no such object. Names go through standard input. */
export async function inspect(gitDir: string, names: readonly string[]): Promise<(GitObject | null)[]> {
  const safe = names.map((name) => (/[\n\r\0]/.test(name) || name === '' ? '?' : name));
  const text = await gitText(gitDir, ['cat-file', '--batch-check'], { input: `${safe.join('\n')}\n` });
  return text.split('\n').map((line) => {
    const match = /^([0-9a-f]{40}) (\w+) (\d+)$/.exec(line);
    return match ? { sha: match[1] ?? '', type: match[2] ?? '', size: Number(match[3]) } : null;
  });
}

/** The commit that a sha, branch, tag or full ref name stands for, or null. */
export async function resolveCommit(gitDir: string, name: string): Promise<string | null> {
  // git's own revision syntax (~1, @{…}, :path) is not GitHub's: only names of refs and shas are taken.
  if (!/^[^\s~^:?*[\\]+$/.test(name) || name.includes('@{') || name.includes('..')) return null;
  const tries = /^[0-9a-f]{7,40}$/.test(name)
    ? [`${name}^{commit}`]
    : [
        `refs/heads/${name}`,
        `refs/tags/${name}`,
        ...(name.startsWith('refs/') || name === 'HEAD' ? [name] : []),
      ].map((ref) => `${ref}^{commit}`);
  if (name.startsWith('heads/') || name.startsWith('tags/')) tries.push(`refs/${name}^{commit}`);
  const found = await inspect(gitDir, tries);
  return found.find((object) => object?.type === 'commit')?.sha ?? null;
}

export interface GitPerson {
  readonly name: string;
  readonly email: string;
  /** As GitHub writes it, in UTC. */
  readonly date: string;
}

export interface GitCommit {
  readonly sha: string;
  readonly tree: string;
  readonly parents: readonly string[];
  readonly author: GitPerson;
  readonly committer: GitPerson;
  readonly message: string;
}

/** Reads commits by sha; what is no commit is left out. */
export async function readCommits(gitDir: string, shas: readonly string[]): Promise<GitCommit[]> {
  if (shas.length === 0) return [];
  const output = await git(gitDir, ['cat-file', '--batch'], { input: `${shas.join('\n')}\n` });
  const commits: GitCommit[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(10, at);
    const [sha = '', type = '', size = '0'] = output.toString('utf8', at, end).split(' ');
    at = end + 1;
    if (type === 'missing') continue;
    if (type === 'commit') commits.push(parseCommit(sha, output.toString('utf8', at, at + Number(size))));
    at += Number(size) + 1;
  }
  return commits;
}

function parseCommit(sha: string, raw: string): GitCommit {
  const gap = raw.indexOf('\n\n');
  const headers = raw.slice(0, gap).split('\n');
  const header = (name: string): string[] =>
    headers.filter((line) => line.startsWith(`${name} `)).map((line) => line.slice(name.length + 1));
  return {
    sha,
    tree: header('tree')[0] ?? '',
    parents: header('parent'),
    author: parsePerson(header('author')[0] ?? ''),
    committer: parsePerson(header('committer')[0] ?? ''),
    message: raw.slice(gap + 2).replace(/\n$/, ''),
  };
}

function parsePerson(line: string): GitPerson {
  const match = /^(.*) <(.*)> (\d+) [+-]\d{4}$/.exec(line);
  const seconds = Number(match?.[3] ?? 0);
  return {
    name: match?.[1] ?? '',
    email: match?.[2] ?? '',
    date: `${new Date(seconds * 1000).toISOString().slice(0, 19)}Z`,
  };
}

export interface TreeEntry {
  readonly mode: string;
  readonly type: string;
  readonly sha: string;
  readonly path: string;
  readonly size: number | null;
}

/** Entries of a tree (or a commit's tree), with all below it when `recursive`. */
export async function readTree(gitDir: string, treeish: string, recursive: boolean): Promise<TreeEntry[]> {
  const output = await git(gitDir, ['ls-tree', '-z', '-l', ...(recursive ? ['-r', '-t'] : []), treeish]);
  return output
    .toString()
    .split('\0')
    .filter((line) => line !== '')
    .map((line) => {
      const tab = line.indexOf('\t');
      const [mode = '', type = '', sha = '', size = '-'] = line.slice(0, tab).split(/ +/);
      return { mode, type, sha, path: line.slice(tab + 1), size: size === '-' ? null : Number(size) };
    });
}

export async function readBlob(gitDir: string, sha: string): Promise<Buffer> {
  return await git(gitDir, ['cat-file', 'blob', sha]);
}

/** The text of a file at a commit, or null when it is not there. */
export async function readFileAt(gitDir: string, commit: string, path: string): Promise<string | null> {
  const [object] = await inspect(gitDir, [`${commit}:${path}`]);
  return object?.type === 'blob' ? (await readBlob(gitDir, object.sha)).toString() : null;
}

/** Writes a commit object exactly as given. */
export async function writeCommit(gitDir: string, commit: Omit<GitCommit, 'sha'>): Promise<string> {
  const person = ({ name, email, date }: GitPerson): string =>
    `${name.replace(/[<>\n]/g, '')} <${email.replace(/[<>\n]/g, '')}> ${Math.floor(Date.parse(date) / 1000)} +0000`;
  const lines = [
    `tree ${commit.tree}`,
    ...commit.parents.map((parent) => `parent ${parent}`),
    `author ${person(commit.author)}`,
    `committer ${person(commit.committer)}`,
    '',
    commit.message,
  ];
  return await gitText(gitDir, ['hash-object', '-t', 'commit', '-w', '--stdin'], { input: lines.join('\n') });
}

/** True when `ancestor` is reachable from `descendant`. */
export async function isAncestor(gitDir: string, ancestor: string, descendant: string): Promise<boolean> {
  try {
    await git(gitDir, ['merge-base', '--is-ancestor', ancestor, descendant]);
    return true;
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return false;
    throw error;
  }
}

/** The best common ancestor, or null when the histories have nothing in common. */
export async function mergeBase(gitDir: string, left: string, right: string): Promise<string | null> {
  try {
    return await gitText(gitDir, ['merge-base', left, right]);
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return null;
    throw error;
  }
}

/** Shas of the commits in `to` that are not in `from`, oldest first. */
export async function commitsBetween(gitDir: string, from: string, to: string): Promise<string[]> {
  const text = await gitText(gitDir, ['rev-list', '--reverse', '--topo-order', to, `^${from}`]);
  return text.split('\n').filter((line) => line !== '');
}
