/** A run that answers a person's review: on the same branch, with the review as its frozen spec. */
import { limits } from '../limits.ts';
import { type Spec, specFromText } from '../spec/spec.ts';
import type { ReadPermission } from './access.ts';
import { allPages, pageSize, type RepoName, type RestClient } from './rest.ts';
import { reviewSpec } from './review-spec.ts';
import { listThreads, type Thread } from './review-threads.ts';
import { keepDraft, specPath } from './spec-branch.ts';

/** The workflow that answers reviews; a project's own of this name goes first, like any. */
export const followUpWorkflow = 'address-review';

/** The mark of such runs in their ids: `issue-7-<comment id>-fix`, `issue-7-<review id>-review`. */
export function isFollowUp(run: string): boolean {
  return /^issue-[1-9]\d*-[1-9]\d*-(?:fix|review)$/.test(run);
}

export interface FollowUp extends RepoName {
  readonly issue: number;
  readonly pull: number;
  readonly runId: string;
  /** ISO 8601, UTC; what was said or edited later does not count. */
  readonly at: string;
  readonly permissions: ReadPermission;
}

/** The review as it stood then, kept as a commit; null where nobody who counts has said anything that is open. */
export async function freezeReview(
  client: RestClient,
  order: FollowUp,
): Promise<{ readonly commit: string; readonly spec: Spec } | null> {
  const { owner, repo, issue, pull, runId } = order;
  const [threads, bodies] = await Promise.all([openThreads(client, order), requests(client, order)]);
  if (threads.length === 0 && bodies.length === 0) return null;
  const origin = `${owner}/${repo}#${pull}`;
  const spec = specFromText(reviewSpec({ pull, bodies, threads }), origin);
  const draft = {
    path: specPath(issue, `review-${pull}`),
    text: spec.text,
    message: `docs(spec): freeze the review of #${pull}\n\nGump-Run: ${runId}`,
  };
  const commit = await keepDraft(client, { owner, repo, number: issue }, { draft, name: runId });
  return { commit, spec };
}

/** Threads that nobody has resolved, begun by somebody who counts; of each, what such people have said. */
async function openThreads(client: RestClient, order: FollowUp): Promise<readonly Thread[]> {
  const all = await listThreads(client, { ...order, number: order.pull });
  const counted: Thread[] = [];
  for (const thread of all) {
    if (thread.isResolved) continue;
    const comments = [];
    for (const comment of thread.comments) if (await counts(comment, order)) comments.push(comment);
    if (comments[0] && comments[0] === thread.comments[0]) counted.push({ ...thread, comments });
  }
  return counted;
}

interface Said {
  readonly login: string;
  /** Where it is known: review threads do not tell it. */
  readonly userId?: number | null;
  readonly isBot: boolean;
  readonly body: string;
  readonly updatedAt: string;
}

async function counts(said: Said, { at, permissions }: FollowUp): Promise<boolean> {
  if (said.isBot || said.login === '' || said.body.trim() === '' || said.updatedAt > at) return false;
  return (await permissions(said.login, said.userId ?? null)).mayCommand;
}

/** What the newest review of each person says to the whole, where it requests changes. */
async function requests(client: RestClient, order: FollowUp): Promise<readonly Said[]> {
  const { owner, repo, pull } = order;
  const reviews = await allPages(
    async (page) => {
      const path = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
      const asked = { owner, repo, pull_number: pull, per_page: pageSize, page };
      return (await client.request(path, asked)).data;
    },
    { itemsMax: limits.reviewsMax, what: `reviews of pull request ${pull}` },
  );
  const decided = reviews.filter(({ state }) => state !== 'COMMENTED' && state !== 'PENDING');
  const newest = new Map(decided.map((review) => [review.user?.login ?? '', review]));
  const said: Said[] = [];
  for (const [login, { state, user, body, submitted_at: updatedAt = '' }] of newest) {
    const userId = user ? Number(user.id) : null;
    const one = { login, userId, isBot: user?.type !== 'User', body, updatedAt };
    if (state === 'CHANGES_REQUESTED' && (await counts(one, order))) said.push(one);
  }
  return said;
}
