/**
 * What a stop leaves for the job behind a lost one: GitHub lets that work when it cancels all others, and does not tell it
 * that it did. A ref for each stop of an issue, whose name says when it was commanded.
 */
import { type RepoName, type RestClient, statusOf } from '../api/rest.ts';

/** Below it stand those of one issue. */
export function stopsRef(issue: number): string {
  return `refs/gump/stops/issue-${issue}/`;
}

interface Stop {
  readonly issue: number;
  /** ISO 8601, UTC, whole seconds. */
  readonly at: string;
  readonly commentId: number;
  /** The default branch: a ref has to name a commit. */
  readonly branch: string;
}

/** Doing it again for the same command changes nothing. */
export async function leaveStop(
  client: RestClient,
  { owner, repo }: RepoName,
  { issue, at, commentId, branch }: Stop,
): Promise<void> {
  const tip = await client.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
    ...{ owner, repo, ref: `heads/${branch}` },
  });
  const ref = `${stopsRef(issue)}${at.replaceAll(/[-:]/g, '')}-${commentId}`;
  try {
    await client.request('POST /repos/{owner}/{repo}/git/refs', {
      ...{ owner, repo, ref, sha: tip.data.object.sha },
    });
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
  }
}

/** True where one of the refs was left by a stop since that moment, given like `at`. */
export function isStoppedSince(refs: Iterable<string>, since: string): boolean {
  const from = since.replaceAll(/[-:]/g, '');
  return [...refs].some((ref) => (/\/(\d{8}T\d{6}Z)-\d{1,15}$/.exec(ref)?.[1] ?? '') >= from);
}
