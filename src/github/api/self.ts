/** Which account our token writes as. */
import type { GithubClient } from './client.ts';
import type { Self } from './own-comment.ts';

/** @source docs.github.com, GraphQL reference, `viewer`: the account of any token, also of an installation's (2026-11) */
const viewerDocument = 'query { viewer { databaseId } }';

/** The login that the token acts as; null where GitHub does not tell it. */
export async function askLogin({ octokit }: GithubClient): Promise<string | null> {
  try {
    const { viewer } = await octokit.graphql<{ readonly viewer: { readonly login: string } }>(
      'query { viewer { login } }',
    );
    return viewer.login;
  } catch {
    return null;
  }
}

/** What is known of us, with the account's id. @throws where GitHub does not tell it */
export async function askSelf({ octokit }: GithubClient, known?: Self): Promise<Self> {
  if (typeof known?.userId === 'number') return known;
  const answer = await octokit.graphql<{ readonly viewer: { readonly databaseId: number | null } }>(
    viewerDocument,
  );
  return { appIds: known?.appIds ?? [], userId: answer.viewer.databaseId };
}
