import { diffFiles, EMPTY_TREE } from './diff.ts';
import {
  commitsBetween,
  type GitCommit,
  GitFailure,
  git,
  inspect,
  isAncestor,
  listRefs,
  readCommits,
} from './git.ts';
import { pullDiff } from './pulls.ts';
import { issueOfPull, pullJson } from './pulls-json.ts';
import type { Pull, Repository } from './records.ts';
import { repositoryHtmlUrl, repositoryJson } from './repos.ts';
import { followComments } from './review-comments.ts';
import { nextId, nodeId, now } from './state.ts';
import { emit } from './webhooks.ts';
import type { Actor, World } from './world.ts';

const ZERO = '0'.repeat(40);

export interface RefMove {
  /** Full name. */
  readonly ref: string;
  /** Forty zeros: the ref is new. */
  readonly before: string;
  /** Forty zeros: the ref is gone. */
  readonly after: string;
}

/** Differences between two lists of refs. */
export async function refsSnapshot(repository: Repository): Promise<Map<string, string>> {
  return new Map((await listRefs(repository.git_dir)).map(({ ref, sha }) => [ref, sha]));
}

export function movesBetween(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
): RefMove[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].filter(
    (ref) => !ref.startsWith('refs/pull/'),
  );
  return names
    .map((ref) => ({ ref, before: before.get(ref) ?? ZERO, after: after.get(ref) ?? ZERO }))
    .filter((move) => move.before !== move.after);
}

/** Everything that follows when refs have moved: events, heads of pull requests, places of comments. */
export async function refsMoved(
  world: World,
  repository: Repository,
  actor: Actor,
  moves: readonly RefMove[],
): Promise<void> {
  for (const move of moves) {
    if (!/^refs\/(heads|tags)\//.test(move.ref)) continue;
    repository.pushed_at = now();
    await emitPush(world, repository, actor, move);
    if (!move.ref.startsWith('refs/heads/')) continue;
    await recordActivity(world, repository, actor, move);
    const branch = move.ref.slice('refs/heads/'.length);
    for (const pull of repository.pulls.values()) {
      if (issueOfPull(repository, pull).state !== 'open') continue;
      if (pull.head.ref === branch) await headMoved(world, repository, actor, pull, move);
      else if (pull.base.ref === branch) await baseMoved(world, repository, actor, pull, move);
    }
  }
}

async function recordActivity(
  { state }: World,
  repository: Repository,
  { user: actor }: Actor,
  move: RefMove,
): Promise<void> {
  const { before, after } = move;
  const isForced =
    before !== ZERO && after !== ZERO && !(await isAncestor(repository.git_dir, before, after));
  const id = nextId(state, 'activity');
  repository.activity.push({
    ...{ id, node_id: nodeId('PSH', id), ...move, timestamp: now(), actor },
    activity_type:
      before === ZERO
        ? 'branch_creation'
        : after === ZERO
          ? 'branch_deletion'
          : isForced
            ? 'force_push'
            : 'push',
  });
}

async function emitPush(world: World, repository: Repository, actor: Actor, move: RefMove): Promise<void> {
  const { ref, before, after } = move;
  const isNew = before === ZERO;
  const isGone = after === ZERO;
  const html = repositoryHtmlUrl(world, repository);
  const commits = isGone ? [] : await pushedCommits(world, repository, move);
  const pusher = { name: actor.user.login, email: null };
  emit(world, {
    repository,
    actor,
    event: 'push',
    action: null,
    payload: {
      // The only event whose repository has these two.
      repository: {
        ...repositoryJson(world, repository),
        stargazers: 0,
        master_branch: repository.default_branch,
      },
      ref,
      before,
      after,
      created: isNew,
      deleted: isGone,
      forced: !isNew && !isGone && !(await isAncestor(repository.git_dir, before, after)),
      base_ref: null,
      compare:
        isNew || isGone
          ? `${html}/commits/${after}`
          : `${html}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
      commits,
      head_commit: commits.at(-1) ?? null,
      pusher,
    },
  });
  if (!isNew && !isGone) return;
  const [kind, name] = [
    ref.split('/')[1] === 'tags' ? 'tag' : 'branch',
    ref.replace(/^refs\/(heads|tags)\//, ''),
  ];
  const shared = { ref: name, ref_type: kind, pusher_type: 'user' };
  const more = isNew ? { master_branch: repository.default_branch, description: null } : {};
  emit(world, {
    repository,
    actor,
    event: isNew ? 'create' : 'delete',
    action: null,
    payload: { ...shared, ...more },
  });
}

async function pushedCommits(
  world: World,
  repository: Repository,
  move: RefMove,
): Promise<Record<string, unknown>[]> {
  const [tip] = await inspect(repository.git_dir, [`${move.after}^{commit}`]);
  if (!tip) return [];
  const main = await inspect(repository.git_dir, [`refs/heads/${repository.default_branch}^{commit}`]);
  const from = move.before === ZERO ? main[0]?.sha : move.before;
  const shas = from ? await commitsBetween(repository.git_dir, from, tip.sha) : [tip.sha];
  const commits = await readCommits(repository.git_dir, shas.slice(-20));
  return await Promise.all(commits.map((commit) => pushedCommit(world, repository, commit)));
}

async function pushedCommit(
  world: World,
  repository: Repository,
  commit: GitCommit,
): Promise<Record<string, unknown>> {
  const files = await diffFiles(repository.git_dir, commit.parents[0] ?? EMPTY_TREE, commit.sha);
  const paths = (...statuses: readonly string[]): string[] =>
    files.filter(({ status }) => statuses.includes(status)).map(({ path }) => path);
  return {
    id: commit.sha,
    tree_id: commit.tree,
    distinct: true,
    message: commit.message,
    timestamp: commit.committer.date,
    url: `${repositoryHtmlUrl(world, repository)}/commit/${commit.sha}`,
    author: { name: commit.author.name, email: commit.author.email },
    committer: { name: commit.committer.name, email: commit.committer.email },
    added: paths('added', 'copied', 'renamed'),
    removed: [...paths('removed'), ...files.flatMap(({ previousPath }) => previousPath ?? [])],
    modified: paths('modified', 'changed'),
  };
}

async function headMoved(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: Pull,
  move: RefMove,
): Promise<void> {
  if (move.after === ZERO) {
    close(world, repository, actor, pull);
    return;
  }
  pull.head.sha = move.after;
  issueOfPull(repository, pull).updated_at = now();
  await refreshPull(repository, pull);
  await followComments(repository, pull);
  const payload = {
    number: pull.number,
    before: move.before,
    after: move.after,
    pull_request: pullJson(world, repository, pull),
  };
  emit(world, { repository, actor, event: 'pull_request', action: 'synchronize', payload });
}

async function baseMoved(
  world: World,
  repository: Repository,
  actor: Actor,
  pull: Pull,
  move: RefMove,
): Promise<void> {
  if (move.after === ZERO) {
    close(world, repository, actor, pull);
    return;
  }
  const isMerged = await isAncestor(repository.git_dir, pull.head.sha, move.after);
  if (!isMerged) {
    pull.base.sha = move.after;
    await refreshPull(repository, pull);
    return;
  }
  markMerged(pull, actor, move.after);
  close(world, repository, actor, pull);
}

function markMerged(pull: Pull, actor: Actor, sha: string): void {
  pull.merged = true;
  pull.merged_at = now();
  pull.merged_by = actor.user;
  pull.merge_commit_sha = sha;
}

function close(world: World, repository: Repository, actor: Actor, pull: Pull): void {
  const issue = issueOfPull(repository, pull);
  issue.state = 'closed';
  issue.closed_at = now();
  issue.closed_by = actor.user;
  issue.updated_at = now();
  const payload = { number: pull.number, pull_request: pullJson(world, repository, pull) };
  emit(world, { repository, actor, event: 'pull_request', action: 'closed', payload });
}

/** Counts, mergeability and `refs/pull/<n>/head` after the head or the base has moved. */
export async function refreshPull(repository: Repository, pull: Pull): Promise<void> {
  const dir = repository.git_dir;
  const { from, to } = await pullDiff(repository, pull);
  const files = await diffFiles(dir, from, to);
  pull.commits = (await commitsBetween(dir, pull.base.sha, pull.head.sha)).length;
  pull.changed_files = files.length;
  pull.additions = files.reduce((sum, file) => sum + file.additions, 0);
  pull.deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  pull.mergeable = (await mergedTree(dir, pull.base.sha, pull.head.sha)) !== null;
  await git(dir, ['update-ref', `refs/pull/${pull.number}/head`, pull.head.sha]);
}

/** The tree of the merge of two commits, or null when they conflict. */
export async function mergedTree(dir: string, base: string, head: string): Promise<string | null> {
  try {
    return (await git(dir, ['merge-tree', '--write-tree', base, head])).toString().trim();
  } catch (error) {
    if (error instanceof GitFailure && error.exitCode === 1) return null;
    throw error;
  }
}
