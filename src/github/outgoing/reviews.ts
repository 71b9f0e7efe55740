/** A review for each verdict with findings: comments on lines of the diff, the rest in its body; never an approval. */

import { isOwn, type Self } from '../api/own-comment.ts';
import { statusOf } from '../api/rest.ts';
import { reviewMarker } from '../markers.ts';
import { type Area, rank, type Tries } from './deliver.ts';
import type { Diffs } from './diffs.ts';
import { readThreads } from './finding-threads.ts';
import type { Place } from './known-checks.ts';
import { type ReviewText, reviewText, type ShownFiles } from './review-body.ts';
import type { DesiredReview } from './view.ts';

export interface ReviewsOptions extends Place {
  readonly diffs: Diffs;
  readonly pullRequest: () => number | null;
  /** True where an earlier process of this run may have sent reviews. */
  readonly mayExist: () => boolean;
  /** Called when a review with comments on lines was sent: there may be threads to resolve later. */
  readonly onThreads: () => void;
  /** Who we are; asked only where a review with our mark is found. */
  readonly self: () => Promise<Self>;
}

export function createReviews(options: ReviewsOptions): Area {
  const { client, owner, repo } = options;
  const pulls = client.octokit.rest.pulls;
  const sent = new Set<string>();
  /** How often GitHub did not accept a review as it was, by marker. */
  const refusals = new Map<string, number>();
  let hasLooked = false;

  return {
    name: 'reviews',
    jobs(view, moment) {
      const pull = options.pullRequest();
      if (pull === null) return [];
      return view.reviews
        .filter((review) => review.reachable && moment.published.has(review.commit))
        .map((review) => ({
          key: `review ${review.externalId} ${review.commit}`,
          digest: 'sent',
          rank: rank.verdict,
          dueAtMs: 0,
          what: `the review of ${review.shown}, attempt ${review.attempt}`,
          run: (tries) => send(pull, review, tries),
        }));
    },
  };

  async function send(pull: number, review: DesiredReview, tries: Tries): Promise<void> {
    if ((options.mayExist() && !hasLooked) || tries.doubt) await look(pull);
    const marker = reviewMarker(review.externalId);
    if (sent.has(marker)) return;
    const text = await textOf(pull, review);
    if (text !== null) await create(pull, review, text);
    sent.add(marker);
  }

  /** Where GitHub refused the lines, then the commit: the words are worth more than the place. */
  async function textOf(pull: number, review: DesiredReview): Promise<ReviewText | null> {
    const isRefused = refusals.has(reviewMarker(review.externalId));
    const files: ShownFiles = isRefused ? new Map() : await options.diffs.of(review.commit);
    return reviewText(review, files, await readThreads(options, pull));
  }

  async function create(pull: number, review: DesiredReview, { body, comments }: ReviewText): Promise<void> {
    const marker = reviewMarker(review.externalId);
    const refused = refusals.get(marker) ?? 0;
    try {
      await pulls.createReview({
        ...{ owner, repo, pull_number: pull, event: 'COMMENT', body, comments: [...comments] },
        ...(refused > 1 ? {} : { commit_id: review.commit }),
      });
    } catch (error) {
      if (statusOf(error) === 422) refusals.set(marker, refused + 1);
      throw error;
    }
    if (comments.length > 0) options.onThreads();
  }

  async function look(pull: number): Promise<void> {
    const reviews = await client.octokit.paginate(pulls.listReviews, {
      owner,
      repo,
      pull_number: pull,
      per_page: 100,
    });
    const marked = reviews
      .map(({ body, user }) => ({ marker: body.split(/\r?\n/, 1)[0] ?? '', user }))
      .filter(({ marker }) => marker.startsWith('<!-- gump:review '));
    const self = marked.length > 0 ? await options.self() : null;
    for (const { marker, user } of marked) {
      // GitHub tells no App with a review: its account says whose it is.
      const author = { isBot: user?.type !== 'User', appId: null, userId: user?.id ?? null };
      if (self && isOwn(author, self)) sent.add(marker);
    }
    hasLooked = true;
    if (sent.size > 0) options.onThreads();
  }
}
