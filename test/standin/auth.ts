import { createVerify } from 'node:crypto';
import type { Level, Repository, Role, Token, User } from './records.ts';
import { badCredentials, notAccessible, Refusal } from './refusal.ts';
import { now } from './state.ts';
import type { Actor, World } from './world.ts';

const GHOST: User = { login: 'anonymous', id: 0, node_id: 'U_0', type: 'User', name: 'anonymous' };
export const ANONYMOUS: Actor = { kind: 'anonymous', user: GHOST, app: null, token: null, permissions: {} };

/** What an endpoint asks for: any one of the pairs is enough; `app` means the App's own JWT. */
export type Need = 'app' | 'anybody' | readonly (readonly [permission: string, level: 'read' | 'write'])[];

/** Who sent this `Authorization` header. @throws Refusal 401 for a token that is unknown, expired or revoked. */
export function authenticate(world: World, header: string | undefined): Actor {
  if (!header) return ANONYMOUS;
  const [scheme = '', value = ''] = header.split(' ');
  if (scheme.toLowerCase() === 'basic') {
    const password = Buffer.from(value, 'base64').toString().split(':').slice(1).join(':');
    return actorOfToken(world, password);
  }
  if (!/^(token|bearer)$/i.test(scheme)) throw badCredentials();
  return value.split('.').length === 3 ? actorOfJwt(world, value) : actorOfToken(world, value);
}

function actorOfToken(world: World, value: string): Actor {
  const token = world.state.tokens.get(value);
  if (!token || token.revoked || Date.parse(token.expires_at) <= Date.now()) throw badCredentials();
  const app = token.app_id === null ? null : (world.state.apps.get(token.app_id) ?? null);
  return { kind: token.kind, user: token.user, app, token, permissions: token.permissions };
}

/** @source https://docs.github.com/apps/creating-github-apps/authenticating-with-a-github-app (2026-11) */
function actorOfJwt(world: World, jwt: string): Actor {
  const [head = '', body = '', signature = ''] = jwt.split('.');
  const header = decode(head);
  const claims = decode(body);
  const app = [...world.state.apps.values()].find(
    (entry) => String(claims.iss) === String(entry.id) || claims.iss === entry.client_id,
  );
  if (!app || header.alg !== 'RS256') throw badCredentials('A JSON web token could not be decoded');
  const verifier = createVerify('RSA-SHA256').update(`${head}.${body}`);
  if (!verifier.verify(app.public_key, Buffer.from(signature, 'base64url'))) {
    throw badCredentials('A JSON web token could not be decoded');
  }
  const seconds = Date.now() / 1000;
  if (!Number.isInteger(claims.iat) || Number(claims.iat) > seconds + 60) {
    throw badCredentials(
      "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued",
    );
  }
  if (!Number.isInteger(claims.exp) || Number(claims.exp) <= seconds) {
    throw badCredentials(
      "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires",
    );
  }
  if (Number(claims.exp) > seconds + 660) {
    throw badCredentials("'Expiration time' claim ('exp') is too far in the future");
  }
  return { kind: 'app', user: app.bot, app, token: null, permissions: {} };
}

function decode(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : {};
  } catch {
    throw badCredentials('A JSON web token could not be decoded');
  }
}

const ROLES: readonly Role[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];

export function roleOf(repository: Repository, login: string): Role {
  const role = repository.roles.get(login.toLowerCase());
  return role ?? (repository.private ? 'none' : 'read');
}

export function roleAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** False also for a token of another repository: what may not be seen answers 404. */
export function maySee(actor: Actor, repository: Repository): boolean {
  if (!repository.private) return actor.kind !== 'app';
  if (actor.kind === 'user') return roleAtLeast(roleOf(repository, actor.user.login), 'read');
  return reaches(actor.token, repository);
}

function reaches(token: Token | null, repository: Repository): boolean {
  if (!token || token.kind === 'user') return false;
  return token.repository_ids === null || token.repository_ids.includes(repository.id);
}

/**
 * Does the actor have this right in the repository? Apps and jobs by their permissions, people by
 * their role (and by the permissions of their token, if it is a limited one).
 */
export function may(
  actor: Actor,
  repository: Repository,
  permission: string,
  level: 'read' | 'write',
): boolean {
  const isPublicRead = level === 'read' && !repository.private && permission !== 'secrets';
  if (actor.kind === 'anonymous') return isPublicRead;
  if (actor.kind === 'user') return mayAsPerson(actor, repository, permission, level);
  if (isPublicRead) return true;
  return reaches(actor.token, repository) && grants(actor.permissions, permission, level);
}

export function grants(permissions: Actor['permissions'], permission: string, level: Level): boolean {
  if (permissions === 'all') return true;
  const given = permissions[permission] ?? (permission === 'metadata' ? 'read' : undefined);
  return level === 'read' ? given !== undefined : given === 'write' || given === 'admin';
}

/** What role a person needs in order to do what the permission allows. */
function mayAsPerson(
  actor: Actor,
  repository: Repository,
  permission: string,
  level: 'read' | 'write',
): boolean {
  if (!grants(actor.permissions, permission, level)) return false;
  const role = roleOf(repository, actor.user.login);
  if (level === 'read') return roleAtLeast(role, 'read');
  // Check runs belong to Apps: people cannot write them, whatever their role.
  if (permission === 'checks') return false;
  if (permission === 'issues' || permission === 'pull_requests') return roleAtLeast(role, 'read');
  return roleAtLeast(role, 'write');
}

/** @throws Refusal 401, 403 or 404 as GitHub does when the actor may not do what the endpoint does. */
export function demand(actor: Actor, need: Need, repository: Repository | undefined, isWrite: boolean): void {
  if (need === 'app') {
    if (actor.kind !== 'app') throw badCredentials('A JSON web token could not be decoded');
    return;
  }
  if (actor.kind === 'app') {
    throw badCredentials('Bad credentials: a JSON web token of an App is for the endpoints under /app only');
  }
  if (actor.kind === 'anonymous' && isWrite && need !== 'anybody')
    throw new Refusal(401, 'Requires authentication');
  if (need === 'anybody' || !repository) return;
  if (need.some(([permission, level]) => may(actor, repository, permission, level))) return;
  throw forbidden(actor);
}

export function forbidden(actor: Actor): Refusal {
  if (actor.kind !== 'user') return notAccessible();
  const isLimited = actor.token?.permissions !== 'all';
  return isLimited
    ? notAccessible('personal access token')
    : new Refusal(403, 'Must have admin rights to Repository.');
}

/** @throws Refusal 403 unless a person has this role; Apps and jobs are judged by their permissions alone. */
export function demandRole(actor: Actor, repository: Repository, least: Role): void {
  if (actor.kind !== 'user' || roleAtLeast(roleOf(repository, actor.user.login), least)) return;
  throw forbidden(actor);
}

export function addToken(world: World, token: Omit<Token, 'revoked' | 'expires_at'>, lifeMs: number): Token {
  const made: Token = { ...token, expires_at: isoAfter(lifeMs), revoked: false };
  world.state.tokens.set(made.value, made);
  return made;
}

function isoAfter(lifeMs: number): string {
  return lifeMs === 0 ? now() : `${new Date(Date.now() + lifeMs).toISOString().slice(0, 19)}Z`;
}
