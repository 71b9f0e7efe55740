/** Who may do what: decided from the permission that GitHub's API gives for the very account that acted. */
import { orNull, type RepoName, type RestClient } from './api/rest.ts';
import type { Actor } from './payload.ts';

export type Level = 'admin' | 'maintain' | 'write' | 'triage' | 'read' | 'none';

export interface Permission {
  readonly level: Level;
  /** `write` and above. */
  readonly mayCommand: boolean;
  /** `triage` and above. */
  readonly mayLabel: boolean;
}

/**
 * The permission of an account in a repository; `none` for an account that GitHub does not know there, and where the login
 * belongs to another account than the one that acted: a login that was given up can be taken by anybody.
 * A custom role counts as the level that it is built on.
 * @source GitHub REST, "Get repository permissions for a user": `permission` is admin, write, read or none, where
 * maintain is told as write and triage as read; `role_name` and `user.permissions` tell them apart (2026-11)
 */
async function permissionOf(
  client: RestClient,
  { owner, repo, login, id }: RepoName & { readonly login: string; readonly id: number | null },
): Promise<Permission> {
  const answer = await orNull(
    client.request('GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
      owner,
      repo,
      username: login,
    }),
  );
  if (!answer) return permission('none');
  const { permission: base, role_name: role, user } = answer.data;
  if (id !== null && user && Number(user.id) !== id) return permission('none');
  if (base === 'admin') return permission('admin');
  if (base === 'write') return permission(role === 'maintain' ? 'maintain' : 'write');
  if (base !== 'read') return permission('none');
  return permission(role === 'triage' || user?.permissions?.triage === true ? 'triage' : 'read');
}

/** Gives the permission of an account: its login, and its id where that is known. */
export type ReadPermission = (login: string, id: number | null) => Promise<Permission>;

/** Permissions asked for once per account, for the length of one event. */
export function permissionReader(client: RestClient, repository: RepoName): ReadPermission {
  const known = new Map<string, Promise<Permission>>();
  return (login, id) => {
    const key = `${login.toLowerCase()} ${id}`;
    const asked = known.get(key) ?? permissionOf(client, { ...repository, login, id });
    known.set(key, asked);
    return asked;
  };
}

/**
 * Null when the actor may do it, else why not, in one sentence.
 * A bot got here only by an App id of the configuration, which is its permission.
 */
export async function refusal(
  actor: Actor,
  wish: 'command' | 'label',
  permissions: ReadPermission,
): Promise<string | null> {
  if (actor.isBot) {
    return wish === 'command' && actor.appId !== null ? null : 'This bot may not start anything here.';
  }
  const { level, mayCommand, mayLabel } = await permissions(actor.login, actor.id);
  if (wish === 'command' ? mayCommand : mayLabel) return null;
  const needed = wish === 'command' ? 'write permission' : 'triage permission or more';
  const has = level === 'none' ? 'has no permission' : `has \`${level}\` permission`;
  return `Nothing was started: ${wish === 'command' ? 'a command' : 'the label'} needs ${needed} in this repository, and @${actor.login} ${has} here.`;
}

function permission(level: Level): Permission {
  const mayCommand = level === 'admin' || level === 'maintain' || level === 'write';
  return { level, mayCommand, mayLabel: mayCommand || level === 'triage' };
}
