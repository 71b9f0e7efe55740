/** A review for each verdict with findings: comments on lines of the diff, the rest in its body; never an approval. */
import { limits } from '../limits.ts';
import type { Finding } from '../workflow/workflow.ts';
import { cutMiddle } from './cut.ts';
import { defuse, defuseLine } from './defuse.ts';
import { type Area, rank, type Tries } from './deliver.ts';
import type { Place } from './known-checks.ts';
import { reviewMarker } from './markers.ts';
import { isOwn, type Self } from './own-comment.ts';
import { commentableLines, type LineRange, placeInDiff } from './patch.ts';
import type { DesiredReview } from './view.ts';

export interface ReviewsOptions extends Place {
  readonly baseBranch: string;
  readonly pullRequest: () => number | null;
  /** True where an earlier process of this run may have sent reviews. */
  readonly mayExist: () => boolean;
  /** Who we are; asked only where a review with our mark is found. */
  readonly self: () => Promise<Self>;
}

export function createReviews(options: ReviewsOptions): Area {
  const { client, owner, repo } = options;
  const pulls = client.octokit.rest.pulls;
  const diffs = new Map<string, ReadonlyMap<string, readonly LineRange[]>>();
  const sent = new Set<string>();
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
    // GitHub refused the lines, then the commit: the words are worth more than the place.
    const files = tries.count === 0 ? await diffOf(review.commit) : new Map<string, readonly LineRange[]>();
    const { body, comments } = reviewBody(review, files);
    await pulls.createReview({
      ...{ owner, repo, pull_number: pull, event: 'COMMENT', body, comments: [...comments] },
      ...(tries.count > 1 ? {} : { commit_id: review.commit }),
    });
    sent.add(marker);
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
  }

  async function diffOf(commit: string): Promise<ReadonlyMap<string, readonly LineRange[]>> {
    const known = diffs.get(commit);
    if (known) return known;
    const { data } = await client.octokit.rest.repos.compareCommitsWithBasehead({
      ...{ owner, repo, basehead: `${options.baseBranch}...${commit}`, per_page: 100 },
    });
    const files = new Map(
      (data.files ?? []).map((file) => [file.filename, commentableLines(file.patch)] as const),
    );
    diffs.set(commit, files);
    return files;
  }
}

interface LineComment {
  readonly path: string;
  readonly body: string;
  readonly line: number;
  readonly side: 'RIGHT';
  readonly start_line?: number;
  readonly start_side?: 'RIGHT';
}

/** What goes on lines and what into the body. Pure. */
export function reviewBody(
  review: DesiredReview,
  files: ReadonlyMap<string, readonly LineRange[]>,
): { readonly body: string; readonly comments: readonly LineComment[] } {
  const comments: LineComment[] = [];
  const rest: Finding[] = [];
  for (const finding of review.findings) {
    const comment = comments.length < limits.reviewCommentsMax ? lineComment(finding, files) : null;
    if (comment) comments.push(comment);
    else rest.push(finding);
  }
  const parts = [
    `**${defuseLine(review.gate)}** judged \`${defuseLine(review.shown)}\`, attempt ${review.attempt}, commit ${review.commit}: did not pass.`,
    ...(review.comments ? [defuse(review.comments)] : []),
    ...(rest.length > 0 ? [rest.map(outsideLine).join('\n')] : []),
  ];
  const marker = `${reviewMarker(review.externalId)}\n`;
  const room = limits.commentCharactersMax - marker.length;
  return { body: marker + cutMiddle(parts.join('\n\n'), { charactersMax: room }), comments };
}

function lineComment(finding: Finding, files: ReadonlyMap<string, readonly LineRange[]>): LineComment | null {
  const path = finding.path.replace(/^\.\//, '');
  const place = placeInDiff(files.get(path) ?? [], finding.line, finding.end_line);
  if (!place) return null;
  const start = place.startLine === null ? {} : { start_line: place.startLine, start_side: 'RIGHT' as const };
  return { path, line: place.line, side: 'RIGHT', ...start, body: remark(finding) };
}

function remark({ severity, body }: Finding): string {
  const label = severity ? `**${defuseLine(severity, 40)}** ` : '';
  return `${label}${defuse(body, 8_000)}`.trim() || '(no text)';
}

function outsideLine(finding: Finding): string {
  const line = finding.line === undefined ? '' : `:${finding.line}`;
  return `- \`${defuseLine(finding.path)}${line}\` ${remark({ ...finding, body: finding.body.slice(0, 2_000) }).replace(/\n/g, '\n  ')}`;
}
