import { installationJson } from './apps.ts';
import { may, roleAtLeast, roleOf } from './auth.ts';
import { commitJson } from './commits.ts';
import { diffFiles, diffText } from './diff.ts';
import {
  commitsBetween,
  inspect,
  listRefs,
  mergeBase,
  readBlob,
  readCommits,
  readTree,
  resolveCommit,
} from './git.ts';
import { fileDiffJson } from './pulls-json.ts';
import { notFound, Refusal } from './refusal.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';
import type { Repository, Role, User } from './state.ts';
import { findUser, userJson } from './users.ts';
import type { World } from './world.ts';

const URLS: Readonly<Record<string, string>> = {
  archive_url: '/{archive_format}{/ref}',
  assignees_url: '/assignees{/user}',
  blobs_url: '/git/blobs{/sha}',
  branches_url: '/branches{/branch}',
  collaborators_url: '/collaborators{/collaborator}',
  comments_url: '/comments{/number}',
  commits_url: '/commits{/sha}',
  compare_url: '/compare/{base}...{head}',
  contents_url: '/contents/{+path}',
  contributors_url: '/contributors',
  deployments_url: '/deployments',
  downloads_url: '/downloads',
  events_url: '/events',
  forks_url: '/forks',
  git_commits_url: '/git/commits{/sha}',
  git_refs_url: '/git/refs{/sha}',
  git_tags_url: '/git/tags{/sha}',
  hooks_url: '/hooks',
  issue_comment_url: '/issues/comments{/number}',
  issue_events_url: '/issues/events{/number}',
  issues_url: '/issues{/number}',
  keys_url: '/keys{/key_id}',
  labels_url: '/labels{/name}',
  languages_url: '/languages',
  merges_url: '/merges',
  milestones_url: '/milestones{/number}',
  notifications_url: '/notifications{?since,all,participating}',
  pulls_url: '/pulls{/number}',
  releases_url: '/releases{/id}',
  stargazers_url: '/stargazers',
  statuses_url: '/statuses/{sha}',
  subscribers_url: '/subscribers',
  subscription_url: '/subscription',
  tags_url: '/tags',
  teams_url: '/teams',
  trees_url: '/git/trees{/sha}',
};

export function repositoryApiUrl(world: World, repository: Repository): string {
  return `${world.apiUrl}/repos/${repository.full_name}`;
}

export function repositoryHtmlUrl(world: World, repository: Repository): string {
  return `${world.url}/${repository.full_name}`;
}

/** GitHub's `minimal-repository`, the part that all its forms share. */
export function minimalRepositoryJson(world: World, repository: Repository): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  return {
    id: repository.id,
    node_id: repository.node_id,
    name: repository.name,
    full_name: repository.full_name,
    private: repository.private,
    owner: userJson(world, repository.owner),
    html_url: repositoryHtmlUrl(world, repository),
    description: null,
    fork: false,
    url: api,
    ...Object.fromEntries(Object.entries(URLS).map(([key, end]) => [key, api + end])),
  };
}

/** GitHub's `repository`, as in pull requests, installations and webhooks. */
export function repositoryJson(world: World, repository: Repository): Record<string, unknown> {
  const html = repositoryHtmlUrl(world, repository);
  const open = [...repository.issues.values()].filter((issue) => issue.state === 'open').length;
  return {
    ...minimalRepositoryJson(world, repository),
    git_url: `git://${new URL(world.url).host}/${repository.full_name}.git`,
    ssh_url: `git@${new URL(world.url).hostname}:${repository.full_name}.git`,
    clone_url: `${html}.git`,
    svn_url: html,
    mirror_url: null,
    homepage: null,
    language: null,
    license: null,
    forks: 0,
    forks_count: 0,
    stargazers_count: 0,
    watchers: 0,
    watchers_count: 0,
    size: 1,
    open_issues: open,
    open_issues_count: open,
    default_branch: repository.default_branch,
    is_template: false,
    topics: [],
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: false,
    disabled: false,
    visibility: repository.private ? 'private' : 'public',
    allow_forking: true,
    web_commit_signoff_required: false,
    pushed_at: repository.pushed_at,
    created_at: repository.created_at,
    updated_at: repository.updated_at,
  };
}

function fullRepositoryJson(call: RepositoryCall): Record<string, unknown> {
  const { world, actor, repository } = call;
  const role = roleOf(repository, actor.user.login);
  const asPerson = actor.kind === 'user' ? rights(role) : undefined;
  const asApp = { admin: false, push: may(actor, repository, 'contents', 'write'), pull: true };
  return {
    ...repositoryJson(world, repository),
    permissions: asPerson ?? asApp,
    network_count: 0,
    subscribers_count: 0,
  };
}

function rights(role: Role): Record<string, boolean> {
  return {
    admin: roleAtLeast(role, 'admin'),
    maintain: roleAtLeast(role, 'maintain'),
    push: roleAtLeast(role, 'write'),
    triage: roleAtLeast(role, 'triage'),
    pull: roleAtLeast(role, 'read'),
  };
}

/** `permission` knows four words only; `role_name` tells maintain and triage. */
function permissionJson(world: World, repository: Repository, user: User): Record<string, unknown> {
  const role = roleOf(repository, user.login);
  const permission = { maintain: 'write', triage: 'read' }[role as string] ?? role;
  return {
    permission,
    role_name: role,
    user: { ...userJson(world, user), permissions: rights(role), role_name: role },
  };
}

async function contents(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const path = text(values.path).replace(/\/+$/, '');
  const ref = text(values.ref) || repository.default_branch;
  const commit = await resolveCommit(repository.git_dir, ref);
  if (!commit) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const [object] = await inspect(repository.git_dir, [
    path === '' ? `${commit}^{tree}` : `${commit}:${path}`,
  ]);
  if (!object) throw notFound();
  if (object.type === 'tree') {
    const entries = await readTree(repository.git_dir, object.sha, false);
    return ok(
      entries.map((entry) =>
        contentJson(call, { ...entry, path: path ? `${path}/${entry.path}` : entry.path }, ref),
      ),
    );
  }
  const bytes = await readBlob(repository.git_dir, object.sha);
  if (/application\/vnd\.github\.(v3\.)?raw/.test(call.accept)) {
    return { status: 200, body: bytes.toString(), type: 'application/vnd.github.raw+json; charset=utf-8' };
  }
  const content = bytes.toString('base64').replace(/.{60}/g, '$&\n');
  return ok({ ...contentJson({ world, repository }, { ...object, path }, ref), encoding: 'base64', content });
}

function contentJson(
  { world, repository }: Pick<RepositoryCall, 'world' | 'repository'>,
  entry: { readonly path: string; readonly sha: string; readonly size: number | null; readonly type: string },
  ref: string,
): Record<string, unknown> {
  const isDirectory = entry.type === 'tree';
  const api = repositoryApiUrl(world, repository);
  const html = `${repositoryHtmlUrl(world, repository)}/${isDirectory ? 'tree' : 'blob'}/${ref}/${entry.path}`;
  const url = `${api}/contents/${encodeURI(entry.path)}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/git/${isDirectory ? 'trees' : 'blobs'}/${entry.sha}`;
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    html_url: html,
    git_url: git,
    download_url: isDirectory ? null : html.replace('/blob/', '/raw/'),
    type: isDirectory ? 'dir' : 'file',
    _links: { self: url, git, html },
  };
}

async function compare(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const [baseName = '', headName = ''] = text(call.values.basehead).split('...');
  const dir = repository.git_dir;
  const [base, head] = await Promise.all(
    [baseName, headName].map((name) => resolveCommit(dir, name.replace(/^[^/:]+:/, ''))),
  );
  if (!base || !head) throw notFound();
  const common = await mergeBase(dir, base, head);
  if (!common) throw new Refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  if (/application\/vnd\.github\.(v3\.)?diff/.test(call.accept)) {
    return {
      status: 200,
      body: await diffText(dir, common, head),
      type: 'application/vnd.github.diff; charset=utf-8',
    };
  }
  const [ahead, behind] = await Promise.all([
    commitsBetween(dir, base, head),
    commitsBetween(dir, head, base),
  ]);
  const commits = await readCommits(dir, [...new Set([base, common, ...ahead])]);
  const json = (sha: string): unknown =>
    commits.filter((entry) => entry.sha === sha).map((entry) => commitJson(world, repository, entry))[0];
  const diverged = ahead.length > 0 && behind.length > 0;
  const files = await diffFiles(dir, common, head);
  const url = `${repositoryApiUrl(world, repository)}/compare/${baseName}...${headName}`;
  const html = `${repositoryHtmlUrl(world, repository)}/compare/${baseName}...${headName}`;
  return ok({
    url,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: json(base),
    merge_base_commit: json(common),
    status: diverged ? 'diverged' : ahead.length > 0 ? 'ahead' : behind.length > 0 ? 'behind' : 'identical',
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.slice(0, 250).map(json),
    files: files.map((file) => fileDiffJson(world, repository, file, head)),
  });
}

async function listBranches(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const refs = (await listRefs(repository.git_dir)).filter(({ ref }) => ref.startsWith('refs/heads/'));
  return page(
    call,
    refs.map(({ ref, sha }) => ({
      name: ref.slice('refs/heads/'.length),
      commit: { sha, url: `${repositoryApiUrl(world, repository)}/commits/${sha}` },
      protected: repository.protected_branches.includes(ref.slice('refs/heads/'.length)),
    })),
  );
}

async function oneBranch({ world, repository, values }: RepositoryCall): Promise<Answer> {
  const name = text(values.branch);
  const found = (await listRefs(repository.git_dir)).find(({ ref }) => ref === `refs/heads/${name}`);
  const [commit] = found ? await readCommits(repository.git_dir, [found.sha]) : [];
  if (!commit) throw new Refusal(404, 'Branch not found');
  const self = `${repositoryApiUrl(world, repository)}/branches/${name}`;
  return ok({
    name,
    commit: commitJson(world, repository, commit),
    _links: { self, html: `${repositoryHtmlUrl(world, repository)}/tree/${name}` },
    protected: repository.protected_branches.includes(name),
    protection: { enabled: repository.protected_branches.includes(name) },
    protection_url: `${self}/protection`,
  });
}

export const repositoryRoutes: readonly Route[] = [
  route('GET', R, [['metadata', 'read']], (call) => ok(fullRepositoryJson(call))),
  route('GET', `${R}/installation`, 'app', ({ world, actor }) => {
    if (!actor.app) throw notFound();
    return ok(installationJson(world, actor.app));
  }),
  route(
    'GET',
    `${R}/collaborators/{username}/permission`,
    [['metadata', 'read']],
    ({ world, actor, repository, values }) => {
      if (actor.kind === 'anonymous') throw new Refusal(401, 'Requires authentication');
      const user = findUser(world.state, text(values.username));
      if (!user) throw notFound();
      return ok(permissionJson(world, repository, user));
    },
  ),
  route('GET', `${R}/contents/{path}`, [['contents', 'read']], contents),
  route('GET', `${R}/branches`, [['contents', 'read']], listBranches),
  route('GET', `${R}/branches/{branch}`, [['contents', 'read']], oneBranch),
  route('GET', `${R}/compare/{basehead}`, [['contents', 'read']], compare),
];
