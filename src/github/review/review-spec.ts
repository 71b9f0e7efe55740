/** A person's review as the spec of a run that answers it, and back: which comments it was made of. Pure. */
import { limits } from '../../limits.ts';
import { cleanText } from '../../spec/clean.ts';
import type { Thread } from './review-threads.ts';

export interface ReviewText {
  readonly pull: number;
  /** What was said to the whole, oldest first; those of people who count. */
  readonly bodies: readonly { readonly login: string; readonly body: string }[];
  /** Open ones, with the comments of people who count. */
  readonly threads: readonly Thread[];
}

/**
 * Markdown: each comment with its place, the code that it stands on, and what was said. Whatever somebody else wrote is
 * quoted or fenced, so that no line of it is taken for one of ours, and cleaned by itself, so that nothing that it leaves open
 * (an HTML comment) swallows what somebody else says.
 */
export function reviewSpec({ pull, bodies, threads }: ReviewText): string {
  const parts = [
    `# Answer the review of pull request ${pull}`,
    ...bodies.map(({ login, body }) => `## @${login} says to the whole\n\n${quoted(body)}`),
    ...threads.map(commentPart),
  ];
  return `${parts.join('\n\n')}\n`;
}

function commentPart({ path, line, comments }: Thread, index: number): string {
  const [first] = comments;
  const place = `${JSON.stringify(path)}${line === null ? '' : `, line ${line}`}`;
  const said = comments.map(({ login, body }) => `@${login}:\n\n${quoted(body)}`);
  return [
    `## Comment ${index + 1}\n\nid: ${first?.id}\nplace: ${place}`,
    `The code there, as the reviewer saw it:\n\n${fenced(first?.diffHunk ?? '')}`,
    ...said,
  ].join('\n\n');
}

/** The ids of the comments that a run's spec was made of, in their order; empty where it is no review's. */
export function commentsOf(spec: string): readonly number[] {
  return [...spec.matchAll(/^## Comment \d+\n\nid: ([1-9]\d{0,15})$/gm)].map(([, id]) => Number(id));
}

function quoted(text: string): string {
  return lines(cleanText(text).text)
    .map((line) => `> ${line}`.trimEnd())
    .join('\n');
}

/** The end of a long piece: the comment stands below its last line. */
function fenced(hunk: string): string {
  const code = hunk
    .split('\n')
    .slice(-limits.reviewHunkLinesMax)
    // Each line of a diff begins with its sign: it cannot begin like a line of ours.
    .map((line) =>
      line
        .replace(/[\r\u2028\u2029\v\f\u0085]/g, ' ')
        .replace(/^(?![-+@\\ ])/, ' ')
        .trimEnd(),
    );
  const longest = Math.max(
    2,
    ...code.flatMap((line) => (line.match(/`+/g) ?? []).map(({ length }) => length)),
  );
  const ticks = '`'.repeat(longest + 1);
  return [`${ticks}diff`, ...code, ticks].join('\n');
}

function lines(text: string): readonly string[] {
  return text.split(/\r\n|[\r\n\u2028\u2029\v\f\u0085]/);
}
