/** A run that answers a person's review: on the same branch, with the review as its frozen spec. */
import { limits } from '../../limits.ts';
import { type Spec, specFromText } from '../../spec/spec.ts';
import type { ReadPermission } from '../access.ts';
import { allPages, pageSize, type RepoName, type RestClient } from '../api/rest.ts';
import { keepDraft, keptDraft, specPath } from '../issue-spec/spec-branch.ts';
import { reviewSpec } from './review-spec.ts';
import { listThreads, type Thread } from './review-threads.ts';

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

export interface FrozenReview {
  readonly commit: string;
  readonly spec: Spec;
  /** What was left out and why, one sentence each; empty where nothing was. */
  readonly notes: readonly string[];
  /** False where it was kept before, by us or by somebody else. */
  readonly isNew: boolean;
}

/**
 * The review as it stood then, kept as a commit; null where nobody who counts has said anything that is open. Tried once
 * more it is what the first try has kept, whatever was resolved or edited since.
 */
export async function freezeReview(client: RestClient, order: FollowUp): Promise<FrozenReview | null> {
  const { owner, repo, issue, pull, runId } = order;
  const origin = `${owner}/${repo}#${pull}`;
  const before = await keptDraft(client, { owner, repo, number: issue }, runId);
  if (before)
    return { commit: before.commit, spec: specFromText(before.text, origin), notes: [], isNew: false };
  const [{ threads, notes: left }, { bodies, notes: edited }] = await Promise.all([
    openThreads(client, order),
    requests(client, order),
  ]);
  if (threads.length === 0 && bodies.length === 0) return null;
  const spec = specFromText(reviewSpec({ pull, bodies, threads }), origin);
  const draft = {
    path: specPath(issue, `review-${pull}`),
    text: spec.text,
    message: `docs(spec): freeze the review of #${pull}\n\nGump-Run: ${runId}`,
  };
  const kept = await keepDraft(client, { owner, repo, number: issue }, { draft, name: runId });
  const notes = [...edited, ...left];
  return { commit: kept.commit, spec: specFromText(kept.text, origin), notes, isNew: kept.isNew };
}

/** Threads that nobody has resolved, begun by somebody who counts; of each, what such people had said by then. */
async function openThreads(client: RestClient, order: FollowUp) {
  const { threads: open, isCut } = await listThreads(client, { ...order, number: order.pull });
  const threads: Thread[] = [];
  let edited = 0;
  for (const thread of open) {
    const comments = [];
    for (const comment of thread.comments) {
      if (comment.createdAt > order.at || !(await counts(comment, order))) continue;
      if (isEditedSince(comment, order)) edited += 1;
      else comments.push(comment);
    }
    if (comments[0] && comments[0] === thread.comments[0]) threads.push({ ...thread, comments });
  }
  const notes = [
    ...(edited === 0 ? [] : [`Left out: ${counted(edited)} of the review, edited since.`]),
    ...(threads.some(({ isCut: isLong }) => isLong)
      ? [`Left out: what was said in a thread behind its first ${limits.threadCommentsMax} comments.`]
      : []),
    ...(isCut
      ? [
          `Left out: open threads beyond the first ${limits.reviewThreadsMax}; \`/gump fix\` takes them up later.`,
        ]
      : []),
  ];
  return { threads, notes };
}

function counted(comments: number): string {
  return comments === 1 ? 'one comment' : `${comments} comments`;
}

/** An edit within the second of the command is not older than it. */
function isEditedSince({ editedAt }: Thread['comments'][number], { at }: FollowUp): boolean {
  return editedAt !== null && editedAt >= at;
}

interface Said {
  readonly login: string;
  readonly userId: number | null;
  readonly isBot: boolean;
  readonly body: string;
}

async function counts(said: Said, { permissions }: FollowUp): Promise<boolean> {
  if (said.isBot || said.login === '' || said.body.trim() === '') return false;
  return (await permissions(said.login, said.userId)).mayCommand;
}

/**
 * What the newest review of each person says to the whole, where it requests changes. One that was edited since is left out:
 * GitHub does not tell what it said before.
 */
async function requests(client: RestClient, order: FollowUp) {
  const counting: { readonly said: Said; readonly nodeId: string }[] = [];
  for (const [login, review] of await newestReviews(client, order)) {
    const { state, user, body, submitted_at: submittedAt = '', node_id: nodeId } = review;
    const userId = user ? Number(user.id) : null;
    const said = { login, userId, isBot: user?.type !== 'User', body };
    const isThen = submittedAt <= order.at;
    if (state === 'CHANGES_REQUESTED' && isThen && (await counts(said, order)))
      counting.push({ said, nodeId });
  }
  const edits = await editsOf(
    client,
    counting.map(({ nodeId }) => nodeId),
  );
  const isLate = (nodeId: string): boolean => (edits.get(nodeId) ?? '') >= order.at;
  const late = counting.filter(({ nodeId }) => isLate(nodeId));
  return {
    bodies: counting.filter((one) => !late.includes(one)).map(({ said }) => said),
    notes: late.map(({ said }) => `Left out: the main text of \`${said.login}\`'s review, edited since.`),
  };
}

/** By login; each person's last decision. */
async function newestReviews(client: RestClient, { owner, repo, pull }: FollowUp) {
  const reviews = await allPages(
    async (page) => {
      const path = 'GET /repos/{owner}/{repo}/pulls/{pull_number}/reviews';
      const asked = { owner, repo, pull_number: pull, per_page: pageSize, page };
      return (await client.request(path, asked)).data;
    },
    { itemsMax: limits.reviewsMax, what: `reviews of pull request ${pull}` },
  );
  const decided = reviews.filter(({ state }) => state !== 'COMMENTED' && state !== 'PENDING');
  return new Map(decided.map((review) => [review.user?.login ?? '', review]));
}

/** When each review's text was edited last, by its node's id; those that never were are missing. REST does not tell it. */
async function editsOf(client: RestClient, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const edits = new Map<string, string>();
  for (let from = 0; from < ids.length; from += pageSize) {
    const { nodes } = await client.graphql<Edits>(editsDocument, { ids: ids.slice(from, from + pageSize) });
    for (const node of nodes) if (node?.id && node.lastEditedAt) edits.set(node.id, node.lastEditedAt);
  }
  return edits;
}

const editsDocument = `query ($ids: [ID!]!) {
  nodes(ids: $ids) { ... on PullRequestReview { id lastEditedAt } }
}`;

interface Edits {
  readonly nodes: readonly ({ readonly id?: string; readonly lastEditedAt?: string | null } | null)[];
}
