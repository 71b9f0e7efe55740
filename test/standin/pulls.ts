import { demandRole } from './auth.ts';
import { commitJson } from './commits.ts';
import { diffFiles, diffText, EMPTY_TREE } from './diff.ts';
import {
  commitsBetween,
  git,
  isAncestor,
  mergeBase,
  readCommits,
  resolveCommit,
  writeCommit,
} from './git.ts';
import { addIssue, changeIssue, emitIssue } from './issues.ts';
import { fileDiffJson, issueOfPull, pullJson, pullSimpleJson } from './pulls-json.ts';
import type { Pull, Repository } from './records.ts';
import { mergedTree, refreshPull, refsMoved } from './refs.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { now } from './state.ts';

/** The two trees whose difference the pull request shows: common ancestor and head. */
export async function pullDiff(
  repository: Repository,
  pull: Pull,
  to = pull.head.sha,
): Promise<{ from: string; to: string }> {
  return { from: (await mergeBase(repository.git_dir, pull.base.sha, to)) ?? EMPTY_TREE, to };
}

/** Shas of the commits of a pull request, oldest first. */
export async function pullCommits(repository: Repository, pull: Pull): Promise<string[]> {
  const { from } = await pullDiff(repository, pull);
  return from === EMPTY_TREE
    ? [pull.head.sha]
    : await commitsBetween(repository.git_dir, from, pull.head.sha);
}

export function pullOf({ repository, values }: RepositoryCall): Pull {
  const pull = repository.pulls.get(Number(values.pull_number));
  if (!pull) throw notFound();
  return pull;
}

function listPulls(call: RepositoryCall): Answer {
  const { world, repository, values } = call;
  const state = text(values.state) || 'open';
  const head = text(values.head);
  // As on GitHub, `head` filters only when it has the form owner:branch.
  const headBranch = head.includes(':') ? head.slice(head.indexOf(':') + 1) : '';
  const foreign =
    head.includes(':') && head.split(':')[0]?.toLowerCase() !== repository.owner.login.toLowerCase();
  const found = [...repository.pulls.values()]
    .filter((pull) => state === 'all' || issueOfPull(repository, pull).state === state)
    .filter((pull) => headBranch === '' || (!foreign && pull.head.ref === headBranch))
    .filter((pull) => !values.base || pull.base.ref === values.base)
    .toSorted((left, right) => right.number - left.number);
  const ordered = values.direction === 'asc' ? found.toReversed() : found;
  return page(
    call,
    ordered.map((pull) => pullSimpleJson(world, repository, pull)),
  );
}

async function createPull(call: RepositoryCall): Promise<Answer> {
  const { world, repository, actor, body } = call;
  demandRole(actor, repository, 'write');
  const head = headBranch(call);
  const base = text(body.base);
  const title = text(body.title);
  const problem = (field: string) => invalid([{ resource: 'PullRequest', field, code: 'invalid' }]);
  const [headSha, baseSha] = await Promise.all(
    [head, base].map((name) => resolveCommit(repository.git_dir, `refs/heads/${name}`)),
  );
  if (!headSha) throw problem('head');
  if (!baseSha) throw problem('base');
  if (title.trim() === '') throw invalid([{ resource: 'Issue', field: 'title', code: 'missing_field' }]);
  const custom = (message: string) => invalid([{ resource: 'PullRequest', code: 'custom', message }]);
  if (await isAncestor(repository.git_dir, headSha, baseSha))
    throw custom(`No commits between ${base} and ${head}`);
  const open = [...repository.pulls.values()].filter(
    (pull) => issueOfPull(repository, pull).state === 'open',
  );
  if (open.some((pull) => pull.head.ref === head && pull.base.ref === base)) {
    throw custom(`A pull request already exists for ${repository.owner.login}:${head}.`);
  }
  const appId = actor.app?.id ?? null;
  const issue = addIssue(world, repository, {
    title,
    body: text(body.body) || null,
    user: actor.user,
    appId,
    isPullRequest: true,
  });
  const pull: Pull = {
    id: issue.id,
    node_id: issue.node_id,
    number: issue.number,
    head: { ref: head, sha: headSha },
    base: { ref: base, sha: baseSha },
    draft: body.draft === true,
    merged: false,
    merged_at: null,
    merged_by: null,
    merge_commit_sha: null,
    mergeable: null,
    commits: 0,
    additions: 0,
    deletions: 0,
    changed_files: 0,
  };
  repository.pulls.set(pull.number, pull);
  await refreshPull(repository, pull);
  emitIssue(call, issue, 'opened');
  return ok(pullJson(world, repository, pull), 201);
}

/** `branch` or `owner:branch`; there are no forks here. @throws Refusal 422 for another owner */
function headBranch({ repository, body }: RepositoryCall): string {
  const [branch = '', owner] = text(body.head).split(':').toReversed();
  if (owner === undefined || owner.toLowerCase() === repository.owner.login.toLowerCase()) return branch;
  throw invalid([{ resource: 'PullRequest', field: 'head', code: 'invalid' }]);
}

async function changePull(call: RepositoryCall): Promise<Answer> {
  const { world, repository, body } = call;
  const pull = pullOf(call);
  if (typeof body.base === 'string' && body.base !== pull.base.ref) {
    const sha = await resolveCommit(repository.git_dir, `refs/heads/${body.base}`);
    if (!sha) throw invalid([{ resource: 'PullRequest', field: 'base', code: 'invalid' }]);
    pull.base = { ref: body.base, sha };
    await refreshPull(repository, pull);
  }
  if (body.state === 'open' && pull.merged)
    throw invalid([{ resource: 'PullRequest', field: 'state', code: 'invalid' }]);
  changeIssue(call, issueOfPull(repository, pull));
  return ok(pullJson(world, repository, pull));
}

async function onePull(call: RepositoryCall): Promise<Answer> {
  const { repository, world } = call;
  const pull = pullOf(call);
  if (!/application\/vnd\.github\.(v3\.)?diff/.test(call.accept))
    return ok(pullJson(world, repository, pull));
  const { from, to } = await pullDiff(repository, pull);
  return {
    status: 200,
    body: await diffText(repository.git_dir, from, to),
    type: 'application/vnd.github.diff; charset=utf-8',
  };
}

async function listFiles(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const { from, to } = await pullDiff(repository, pullOf(call));
  const files = await diffFiles(repository.git_dir, from, to);
  return page(
    call,
    files.map((file) => fileDiffJson(world, repository, file, to)),
  );
}

async function listCommits(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const shas = await pullCommits(repository, pullOf(call));
  const commits = await readCommits(repository.git_dir, shas);
  return page(
    call,
    commits.map((commit) => commitJson(world, repository, commit)),
  );
}

/** Merges with a merge commit; a draft, a conflict or a moved head are refused. */
async function merge(call: RepositoryCall): Promise<Answer> {
  const { world, repository, actor, body } = call;
  const pull = pullOf(call);
  const issue = issueOfPull(repository, pull);
  if (issue.state !== 'open') throw new Refusal(405, 'Pull Request is not mergeable');
  if (pull.draft) throw new Refusal(405, 'Pull Request is still a draft');
  if (typeof body.sha === 'string' && body.sha !== pull.head.sha) {
    throw new Refusal(409, 'Head branch was modified. Review and try the merge again.');
  }
  if (text(body.merge_method) !== '' && body.merge_method !== 'merge') {
    throw new Refusal(405, `${text(body.merge_method)} merges are not allowed on this repository.`);
  }
  const tree = await mergedTree(repository.git_dir, pull.base.sha, pull.head.sha);
  if (!tree) throw new Refusal(405, 'Pull Request is not mergeable');
  const person = {
    name: actor.user.login,
    email: `${actor.user.login}@users.noreply.github.com`,
    date: now(),
  };
  const before = pull.base.sha;
  const sha = await writeCommit(repository.git_dir, {
    tree,
    parents: [before, pull.head.sha],
    author: person,
    committer: person,
    message:
      text(body.commit_title) ||
      `Merge pull request #${pull.number} from ${repository.owner.login}/${pull.head.ref}\n\n${issue.title}`,
  });
  const ref = `refs/heads/${pull.base.ref}`;
  await git(repository.git_dir, ['update-ref', ref, sha, before]);
  await refsMoved(world, repository, actor, [{ ref, before, after: sha }]);
  return ok({ sha, merged: true, message: 'Pull Request successfully merged' });
}

const READ = [['pull_requests', 'read']] as const;
const WRITE = [['pull_requests', 'write']] as const;

export const pullRoutes: readonly Route[] = [
  route('GET', `${R}/pulls`, READ, listPulls),
  route('POST', `${R}/pulls`, WRITE, createPull),
  route('GET', `${R}/pulls/{pull_number}`, READ, onePull),
  route('PATCH', `${R}/pulls/{pull_number}`, WRITE, changePull),
  route('GET', `${R}/pulls/{pull_number}/commits`, READ, listCommits),
  route('GET', `${R}/pulls/{pull_number}/files`, READ, listFiles),
  route('PUT', `${R}/pulls/{pull_number}/merge`, [['contents', 'write']], merge),
];
