import { checkRunJson } from './checks.ts';
import { commentJson } from './comments.ts';
import { commitJson } from './commits.ts';
import { gitText, listRefs, readCommits } from './git.ts';
import { issueJson } from './issues.ts';
import { pullJson } from './pulls-json.ts';
import type { Repository } from './records.ts';
import { reviewCommentJson } from './review-comments.ts';
import { reviewJson } from './reviews.ts';
import { deliveryJson } from './webhooks.ts';
import type { World } from './world.ts';

type Objects = readonly Readonly<Record<string, unknown>>[];

/** Everything that the stand-in holds, with the field names of GitHub's REST API; all repositories together. */
export interface GithubDump {
  readonly issues: Objects;
  readonly comments: Objects;
  readonly pulls: Objects;
  readonly reviews: Objects;
  readonly review_comments: Objects;
  readonly check_runs: Objects;
  /** Every commit that any ref reaches. */
  readonly commits: Objects;
  readonly refs: Objects;
  readonly deliveries: Objects;
  /** API requests only: method, path as GitHub's description names it (without `/api/v3`), status, actor. */
  readonly requests: Objects;
}

export async function dumpState(world: World): Promise<GithubDump> {
  const parts = await Promise.all(
    [...world.state.repositories.values()].map((entry) => dumpRepository(world, entry)),
  );
  const all = <K extends keyof RepositoryDump>(key: K): Objects => parts.flatMap((part) => part[key]);
  return {
    issues: all('issues'),
    comments: all('comments'),
    pulls: all('pulls'),
    reviews: all('reviews'),
    review_comments: all('review_comments'),
    check_runs: all('check_runs'),
    commits: all('commits'),
    refs: all('refs'),
    deliveries: world.state.deliveries.map(deliveryJson),
    requests: world.state.requests.map((request) => ({ ...request, path: described(request.path) })),
  };
}

type RepositoryDump = Omit<GithubDump, 'deliveries' | 'requests'>;

async function dumpRepository(world: World, repository: Repository): Promise<RepositoryDump> {
  const refs = await listRefs(repository.git_dir);
  const reached = refs.length > 0 ? await gitText(repository.git_dir, ['rev-list', '--all']) : '';
  const commits = await readCommits(
    repository.git_dir,
    reached.split('\n').filter((sha) => sha !== ''),
  );
  const issues = [...repository.issues.values()];
  return {
    issues: issues.map((issue) => issueJson(world, repository, issue)),
    comments: [...repository.comments.values()].map((comment) => commentJson(world, repository, comment)),
    pulls: [...repository.pulls.values()].map((pull) => pullJson(world, repository, pull)),
    reviews: [...repository.reviews.values()].map((review) => reviewJson(world, repository, review)),
    review_comments: [...repository.review_comments.values()].map((entry) =>
      reviewCommentJson(world, repository, entry),
    ),
    check_runs: [...repository.check_runs.values()].map((run) => checkRunJson(world, repository, run)),
    commits: commits.map((commit) => commitJson(world, repository, commit)),
    refs: refs.map(({ ref, type, sha }) => ({ ref, object: { type, sha } })),
  };
}

/** An Enterprise Server's prefixes are no part of GitHub's description. */
function described(path: string): string {
  return path.replace(/^\/api(\/v3)?(?=\/)/, '');
}
