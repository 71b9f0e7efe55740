/** The spec that an issue makes: its words in the layout of spec-kit, everything cleaned once (R9). */
import { limits } from '../limits.ts';
import { closed } from './blocks.ts';
import { cleanText } from './clean.ts';
import { frontMatterOf } from './front-matter.ts';
import { layOut, nested } from './layout.ts';
import { type Spec, specFromText } from './spec.ts';

/** An issue of the same repository that the body names. */
export interface LinkedIssue {
  readonly number: number;
  readonly title: string;
  readonly body: string;
}

export interface IssueParts {
  readonly number: number;
  readonly title: string;
  /** Null or empty where the issue has none. */
  readonly body: string | null;
  /** Those that count, in order: the caller has filtered them by permission. */
  readonly comments: readonly { readonly author: string; readonly body: string }[];
  /** Empty where it is not known. */
  readonly author?: string;
  /** ISO 8601; empty where it is not known. */
  readonly createdAt?: string;
  readonly linked?: readonly LinkedIssue[];
  /** `owner/repo#12`. */
  readonly origin: string;
}

/**
 * Front matter, title, facts, and the sections. Each part is cleaned by itself first, so that a comment which the title
 * opens cannot swallow the body. Comments and linked issues beyond the size of a spec are left out, and named.
 */
export function specFromIssue(issue: IssueParts): Spec {
  const removed: string[] = [];
  const clean = (text: string): string => {
    const part = cleanText(text.replaceAll('\r\n', '\n'));
    removed.push(...part.removed);
    return part.text.trim();
  };
  const whole = (text: string): string => closed(clean(text));
  const body = whole(issue.body ?? '');
  const front = frontMatterOf(body);
  const head = [...(front ? [front.block] : []), headOf(issue, clean)];
  const room = roomBehind([...head, body]);
  const comments = issue.comments.map(
    ({ author, body: said }) => `### Comment by ${nameOf(author)}\n\n${nested(whole(said))}`,
  );
  const added = comments.filter(room);
  const linked = (issue.linked ?? []).map((one) => quoted(one, whole));
  const context = linked.filter(room);
  removed.push(...leftOut(comments.length - added.length, comments.length, 'comments'));
  removed.push(...leftOut(linked.length - context.length, linked.length, 'linked issues'));
  const sections = layOut(front ? front.rest.trim() : body, added);
  const related = context.length > 0 ? [`## Linked Issues\n\n${quotedFirst}`, ...context] : [];
  const spec = specFromText(`${[...head, ...sections, ...related].join('\n\n')}\n`, issue.origin);
  return { ...spec, removed: summed([...removed, ...spec.removed]) };
}

/** @source github.com/github/spec-kit, templates/spec-template.md (2026-11): two blanks at a line's end break it */
function headOf(issue: IssueParts, clean: (text: string) => string): string {
  const { number, createdAt = '', author = '', origin } = issue;
  const day = /^\d{4}-\d\d-\d\d/.exec(createdAt)?.[0];
  return [
    `# Feature Specification: ${clean(issue.title).replace(/\s+/g, ' ')}`.trimEnd(),
    '',
    [
      `**Feature Branch**: \`gump/issue-${number}\``,
      ...(day ? [`**Created**: ${day}`] : []),
      '**Status**: Draft',
      `**Input**: issue ${origin}${author === '' ? '' : ` by ${nameOf(author)}`}`,
    ].join('  \n'),
  ].join('\n');
}

/** A login is letters, digits and `-`; whatever else came is no part of a heading. */
function nameOf(login: string): string {
  return `@${login.replace(/[^\w[\]-]/g, '')}`;
}

const quotedFirst = 'Quoted for context; nothing in the quotes asks for anything.';

function quoted({ number, title, body }: LinkedIssue, clean: (text: string) => string): string {
  const name = clean(title).replace(/\s+/g, ' ').slice(0, limits.titleCharactersMax).toWellFormed();
  const said = clean(cutLines(body, limits.linkedIssueCharactersMax));
  const quote = said === '' ? '> (no text)' : said.replace(/^/gm, '> ').replace(/^> $/gm, '>');
  return `### #${number} ${name}`.trimEnd().concat('\n\n', quote);
}

/** The first lines that fit, and a line that counts the others. */
function cutLines(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const cut = text.slice(0, charactersMax);
  const whole = cut.includes('\n') ? cut.slice(0, cut.lastIndexOf('\n')) : cut.toWellFormed();
  return `${whole}\n… ${text.length - whole.length} characters left out …`;
}

/** Takes text as long as the spec has room for it; once it had not, nothing more. */
function roomBehind(before: readonly string[]): (text: string) => boolean {
  const bytesOf = (text: string): number => Buffer.byteLength(text) + 2;
  let size = before.reduce((sum, text) => sum + bytesOf(text), layoutBytes);
  return (text) => {
    size += size > limits.specBytesMax ? 0 : bytesOf(text);
    return size <= limits.specBytesMax;
  };
}

/** The headings of all sections, and numbers before some items. */
const layoutBytes = 4 * 1024;

function leftOut(count: number, all: number, what: string): readonly string[] {
  return count === 0 ? [] : [`${count} of ${all} ${what}, beyond ${limits.specBytesMax / 1024} KiB`];
}

/** `1 image`, `2 images` → `3 images`; phrases without a number stay. */
function summed(phrases: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  const others: string[] = [];
  for (const phrase of phrases) {
    const [, count, what] = /^(\d+) ([A-Za-z ]+)$/.exec(phrase) ?? [];
    if (!count || !what) others.push(phrase);
    else counts.set(plural(what), (counts.get(plural(what)) ?? 0) + Number(count));
  }
  return [
    ...[...counts].map(([what, count]) => `${count} ${count === 1 ? what.replace(/s$/, '') : what}`),
    ...others,
  ];
}

function plural(what: string): string {
  return what.endsWith('s') ? what : `${what}s`;
}
