import { diffFiles, EMPTY_TREE } from './diff.ts';
import { type GitCommit, gitText, readCommits, resolveCommit } from './git.ts';
import { pullCommits } from './pulls.ts';
import { fileDiffJson, pullSimpleJson } from './pulls-json.ts';
import type { Repository } from './records.ts';
import { invalid, Refusal } from './refusal.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { findUser, userJson } from './users.ts';
import type { World } from './world.ts';

const UNVERIFIED = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null };

/** GitHub's `commit`. */
export function commitJson(world: World, repository: Repository, commit: GitCommit): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  const html = repositoryHtmlUrl(world, repository);
  const url = `${api}/commits/${commit.sha}`;
  return {
    url,
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${api}/git/commits/${commit.sha}`,
      author: commit.author,
      committer: commit.committer,
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: `${api}/git/trees/${commit.tree}` },
      verification: UNVERIFIED,
    },
    author: accountOf(world, commit.author.email),
    committer: accountOf(world, commit.committer.email),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${html}/commit/${sha}`,
    })),
  };
}

/** The account behind a commit's address, as far as it is a no-reply address of ours; else null. */
function accountOf(world: World, email: string): Record<string, unknown> | null {
  const login = /^\d+\+(.+)@users\.noreply\./.exec(email)?.[1];
  const user = login === undefined ? undefined : findUser(world.state, login);
  return user ? userJson(world, user) : null;
}

/** GitHub's `git-commit`. */
export function gitCommitJson(
  world: World,
  repository: Repository,
  commit: GitCommit,
): Record<string, unknown> {
  const api = `${repositoryApiUrl(world, repository)}/git`;
  const html = repositoryHtmlUrl(world, repository);
  return {
    sha: commit.sha,
    node_id: `C_${commit.sha}`,
    url: `${api}/commits/${commit.sha}`,
    html_url: `${html}/commit/${commit.sha}`,
    author: commit.author,
    committer: commit.committer,
    message: commit.message,
    tree: { sha: commit.tree, url: `${api}/trees/${commit.tree}` },
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${api}/commits/${sha}`,
      html_url: `${html}/commit/${sha}`,
    })),
    verification: UNVERIFIED,
  };
}

/** The sha that a name stands for. @throws Refusal 422 as GitHub does for an unknown one. */
export async function commitOr422(repository: Repository, name: string): Promise<string> {
  const sha = await resolveCommit(repository.git_dir, name);
  if (!sha) throw new Refusal(422, `No commit found for SHA: ${name}`);
  return sha;
}

async function oneCommit(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const sha = await commitOr422(repository, text(values.ref));
  if (/application\/vnd\.github\.(v3\.)?sha/.test(call.accept)) {
    return { status: 200, body: sha, type: 'application/vnd.github.sha; charset=utf-8' };
  }
  const [commit] = await readCommits(repository.git_dir, [sha]);
  if (!commit) throw invalid([]);
  const files = await diffFiles(repository.git_dir, commit.parents[0] ?? EMPTY_TREE, sha);
  const additions = files.reduce((sum, file) => sum + file.additions, 0);
  const deletions = files.reduce((sum, file) => sum + file.deletions, 0);
  return ok({
    ...commitJson(world, repository, commit),
    stats: { additions, deletions, total: additions + deletions },
    files: files.map((file) => fileDiffJson(world, repository, file, sha)),
  });
}

async function listCommits(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const from = await resolveCommit(repository.git_dir, text(values.sha) || repository.default_branch);
  if (!from) throw new Refusal(404, 'Not Found');
  const path = text(values.path);
  const shas = await gitText(repository.git_dir, [
    'rev-list',
    from,
    ...(path ? ['--', `:(literal)${path}`] : []),
  ]);
  const commits = await readCommits(
    repository.git_dir,
    shas.split('\n').filter((sha) => sha !== ''),
  );
  return page(
    call,
    commits.map((commit) => commitJson(world, repository, commit)),
  );
}

async function pullsOfCommit(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const sha = await commitOr422(repository, text(values.commit_sha));
  const found = [];
  for (const pull of repository.pulls.values()) {
    if ((await pullCommits(repository, pull)).includes(sha))
      found.push(pullSimpleJson(world, repository, pull));
  }
  return page(call, found);
}

/** Newest first, of one branch where `ref` names one. */
async function listActivity(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const ref = text(values.ref);
  const names = [ref, `refs/heads/${ref}`];
  const moves = repository.activity.filter((move) => ref === '' || names.includes(move.ref)).toReversed();
  return page(
    call,
    moves.map((move) => ({ ...move, actor: userJson(world, move.actor) })),
  );
}

export const commitRoutes: readonly Route[] = [
  route('GET', `${R}/activity`, [['contents', 'read']], listActivity),
  route('GET', `${R}/commits`, [['contents', 'read']], listCommits),
  route('GET', `${R}/commits/{ref}`, [['contents', 'read']], oneCommit),
  route(
    'GET',
    `${R}/commits/{commit_sha}/pulls`,
    [
      ['pull_requests', 'read'],
      ['contents', 'read'],
    ],
    pullsOfCommit,
  ),
];
