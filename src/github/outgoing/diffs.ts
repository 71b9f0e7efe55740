/** What the pull request's diff shows at a commit, each asked for once. */
import type { Place } from './known-checks.ts';
import { type ShownFiles, shownFile } from './review-body.ts';

export interface Diffs {
  /** By path; files that GitHub leaves out (binary, very large) are missing. */
  of(commit: string): Promise<ShownFiles>;
}

export function createDiffs({
  client,
  owner,
  repo,
  baseBranch,
}: Place & { readonly baseBranch: string }): Diffs {
  const known = new Map<string, ShownFiles>();
  return {
    async of(commit) {
      const before = known.get(commit);
      if (before) return before;
      const { data } = await client.octokit.rest.repos.compareCommitsWithBasehead({
        ...{ owner, repo, basehead: `${baseBranch}...${commit}`, per_page: 100 },
      });
      const files: ShownFiles = new Map(
        (data.files ?? []).map((file) => [file.filename, shownFile(file.patch)] as const),
      );
      known.set(commit, files);
      return files;
    },
  };
}
