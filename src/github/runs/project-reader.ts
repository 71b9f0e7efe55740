/** A branch as files and folders, read over the API: one listing, then only files that are there, each once. */
import type { RepoName, RestClient } from '../api/rest.ts';
import { fileReader } from './workflow-facts.ts';

export interface BranchReader {
  /** Its newest commit. */
  readonly commit: string;
  readonly read: (path: string) => Promise<string | null>;
  readonly list: (folder: string) => Promise<readonly string[] | null>;
}

/** @throws what a request threw */
export async function openBranch(
  client: RestClient,
  { owner, repo, branch }: RepoName & { readonly branch: string },
): Promise<BranchReader> {
  const ref = await client.request('GET /repos/{owner}/{repo}/git/ref/{ref}', {
    ...{ owner, repo, ref: `heads/${branch}` },
  });
  const commit = ref.data.object.sha;
  const { data } = await client.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    ...{ owner, repo, tree_sha: commit, recursive: '1' },
  });
  const folders = new Map<string, string[]>([['', []]]);
  const files = new Set<string>();
  for (const { path, type } of data.tree) {
    if (path === undefined) continue;
    const at = path.lastIndexOf('/');
    const above = path.slice(0, Math.max(0, at));
    folders.set(above, [...(folders.get(above) ?? []), path.slice(at + 1)]);
    if (type === 'blob') files.add(path);
  }
  const read = fileReader(client, { owner, repo, ref: commit });
  const known = new Map<string, Promise<string | null>>();
  return {
    commit,
    list: async (folder) => folders.get(folder) ?? null,
    async read(path) {
      // A listing that was cut off says nothing about what is missing in it.
      if (!files.has(path) && !data.truncated) return null;
      const asked = known.get(path) ?? read(path);
      known.set(path, asked);
      return await asked;
    },
  };
}
