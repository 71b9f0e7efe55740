import { installationJson } from './apps.ts';
import { may, roleAtLeast, roleOf } from './auth.ts';
import type { Repository, Role, User } from './records.ts';
import { notFound, Refusal } from './refusal.ts';
import { ok, R, type RepositoryCall, type Route, route, text } from './router.ts';
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
    custom_properties: {},
    has_issues: true,
    has_projects: false,
    has_wiki: false,
    has_pages: false,
    has_downloads: false,
    has_discussions: false,
    archived: repository.archived,
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
];
