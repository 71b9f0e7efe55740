import { rate } from './ratelimit.ts';
import type { User } from './records.ts';
import { notAccessible, notFound, Refusal } from './refusal.ts';
import { ok, type Route, route, text } from './router.ts';
import { nextId, nodeId, type StandinState } from './state.ts';
import type { World } from './world.ts';

/** The account with this login, made when it does not exist yet. */
export function ensureUser(
  state: StandinState,
  login: string,
  type: User['type'] = 'User',
  name = login,
): User {
  const found = findUser(state, login);
  if (found) return found;
  const id = nextId(state, 'user', 501);
  const user: User = { login, id, node_id: nodeId('U', id), type, name };
  state.users.set(login.toLowerCase(), user);
  return user;
}

export function findUser(state: StandinState, login: string): User | undefined {
  return state.users.get(login.toLowerCase());
}

/** GitHub's `simple-user`. */
export function userJson(world: World, user: User): Record<string, unknown> {
  const api = `${world.apiUrl}/users/${encodeURIComponent(user.login)}`;
  const slug = user.login.replace(/\[bot\]$/, '');
  return {
    login: user.login,
    id: user.id,
    node_id: user.node_id,
    avatar_url: `${world.url}/avatars/u/${user.id}`,
    gravatar_id: '',
    url: api,
    html_url: user.type === 'Bot' ? `${world.url}/apps/${slug}` : `${world.url}/${user.login}`,
    followers_url: `${api}/followers`,
    following_url: `${api}/following{/other_user}`,
    gists_url: `${api}/gists{/gist_id}`,
    starred_url: `${api}/starred{/owner}{/repo}`,
    subscriptions_url: `${api}/subscriptions`,
    organizations_url: `${api}/orgs`,
    repos_url: `${api}/repos`,
    events_url: `${api}/events{/privacy}`,
    received_events_url: `${api}/received_events`,
    type: user.type,
    user_view_type: 'public',
    site_admin: false,
  };
}

function publicUser(world: World, user: User): Record<string, unknown> {
  const none = { company: null, blog: '', location: null, email: null, hireable: null, bio: null };
  const counts = { public_repos: 0, public_gists: 0, followers: 0, following: 0 };
  const born = '2020-01-01T00:00:00Z';
  return {
    ...userJson(world, user),
    name: user.name,
    ...none,
    ...counts,
    created_at: born,
    updated_at: born,
  };
}

export const userRoutes: readonly Route[] = [
  route('GET', '/user', [['metadata', 'read']], ({ world, actor }) => {
    if (actor.kind !== 'user') throw notAccessibleFor(actor.kind);
    return ok(publicUser(world, actor.user));
  }),
  route('GET', '/users/{username}', 'anybody', ({ world, values }) => {
    const user = findUser(world.state, text(values.username));
    if (!user) throw notFound();
    return ok(publicUser(world, user));
  }),
  route('GET', '/rate_limit', 'anybody', ({ world, actor }) => {
    const core = rate(world, actor);
    const search = { limit: 30, used: 0, remaining: 30, reset: core.reset };
    return ok({ resources: { core, search, graphql: { ...core } }, rate: core });
  }),
];

function notAccessibleFor(kind: string): Refusal {
  return kind === 'anonymous' ? new Refusal(401, 'Requires authentication') : notAccessible();
}
