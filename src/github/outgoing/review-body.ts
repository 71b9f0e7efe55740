/** What a review says: what goes on lines of the diff, what into its body. Pure. */
import { limits } from '../../limits.ts';
import type { Finding } from '../../workflow/workflow.ts';
import { cutMiddle } from '../cut.ts';
import { defuse, defuseLine } from '../defuse.ts';
import { reviewMarker } from '../markers.ts';
import { findingMarker, type Keyed, keyOf, pairUp } from './finding-key.ts';
import type { Thread } from './finding-threads.ts';
import { commentableLines, type LineRange, placeInDiff, shownLines } from './patch.ts';
import type { DesiredReview } from './view.ts';

/** What the diff shows of a file. */
export interface ShownFile {
  readonly ranges: readonly LineRange[];
  readonly lines: ReadonlyMap<number, string>;
}

export type ShownFiles = ReadonlyMap<string, ShownFile>;

export function shownFile(patch: string | undefined): ShownFile {
  return { ranges: commentableLines(patch), lines: shownLines(patch) };
}

export interface LineComment {
  readonly path: string;
  readonly body: string;
  readonly line: number;
  readonly side: 'RIGHT';
  readonly start_line?: number;
  readonly start_side?: 'RIGHT';
}

export interface ReviewText {
  readonly body: string;
  readonly comments: readonly LineComment[];
}

/** The keys of a verdict's findings, in their order. */
export function keysOf(
  { scope, findings }: Pick<DesiredReview, 'scope' | 'findings'>,
  files: ShownFiles,
): readonly Keyed[] {
  return findings.map((finding) => {
    const lines = files.get(pathOf(finding))?.lines;
    return keyOf(finding, scope, finding.line === undefined ? null : (lines?.get(finding.line) ?? null));
  });
}

/**
 * Null where there is nothing to say: a person has resolved the thread of every finding. What has a thread that is open is
 * told with a link to it, never a second time on its line.
 */
export function reviewText(
  review: DesiredReview,
  files: ShownFiles,
  threads: readonly Thread[],
): ReviewText | null {
  const keys = keysOf(review, files);
  const pairs = pairUp(keys, threads);
  const comments: LineComment[] = [];
  const rest: string[] = [];
  let dismissed = 0;
  for (const [index, finding] of review.findings.entries()) {
    const thread = threads[pairs.get(index) ?? -1];
    const key = keys[index];
    if (!key) continue;
    if (thread?.state === 'dismissed') dismissed += 1;
    else if (thread?.state === 'open') rest.push(`- still open: [\`${placeText(finding)}\`](${thread.url})`);
    else {
      const comment = comments.length < limits.reviewCommentsMax ? lineComment(finding, key, files) : null;
      if (comment) comments.push(comment);
      else rest.push(outsideLine(finding));
    }
  }
  if (dismissed === review.findings.length) return null;
  return { body: bodyOf(review, rest, dismissed), comments };
}

function bodyOf(review: DesiredReview, rest: readonly string[], dismissed: number): string {
  const word = review.passed ? 'passed, with remarks' : 'did not pass';
  const parts = [
    `**${defuseLine(review.gate)}** judged \`${defuseLine(review.shown)}\`, attempt ${review.attempt}, commit ${review.commit}: ${word}.`,
    ...(review.comments ? [defuse(review.comments)] : []),
    ...(rest.length > 0 ? [rest.join('\n')] : []),
    ...(dismissed > 0 ? [`Not repeated: ${dismissed} whose thread a person has resolved.`] : []),
  ];
  const marker = `${reviewMarker(review.externalId)}\n`;
  const room = limits.commentCharactersMax - marker.length;
  return marker + cutMiddle(parts.join('\n\n'), { charactersMax: room });
}

function lineComment(finding: Finding, key: Keyed, files: ShownFiles): LineComment | null {
  const path = pathOf(finding);
  const place = placeInDiff(files.get(path)?.ranges ?? [], finding.line, finding.end_line);
  if (!place) return null;
  const start = place.startLine === null ? {} : { start_line: place.startLine, start_side: 'RIGHT' as const };
  return {
    path,
    line: place.line,
    side: 'RIGHT',
    ...start,
    body: `${findingMarker(key)}\n${remark(finding)}`,
  };
}

function pathOf({ path }: Finding): string {
  return path.replace(/^\.\//, '');
}

function remark({ severity, body }: Finding): string {
  const label = severity ? `**${defuseLine(severity, 40)}** ` : '';
  return `${label}${defuse(body, 8_000)}`.trim() || '(no text)';
}

function placeText(finding: Finding): string {
  return `${defuseLine(finding.path)}${finding.line === undefined ? '' : `:${finding.line}`}`;
}

function outsideLine(finding: Finding): string {
  const text = remark({ ...finding, body: finding.body.slice(0, 2_000) }).replace(/\n/g, '\n  ');
  return `- \`${placeText(finding)}\` ${text}`;
}
