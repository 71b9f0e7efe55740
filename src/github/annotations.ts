/** Remarks on lines: from a validator's findings and from what compilers, linters and test runners print. */
import { limits } from '../limits.ts';
import type { Finding } from '../workflow/workflow.ts';
import { clip } from './cut.ts';
import { clean } from './defuse.ts';

export interface Annotation {
  /** Relative to the repository, with `/`. */
  readonly path: string;
  /** From 1. */
  readonly line: number;
  readonly endLine: number;
  /** From 1; only for remarks on one line. */
  readonly column: number | null;
  readonly level: 'notice' | 'warning' | 'failure';
  readonly message: string;
}

/** Findings that name a line; the others belong into the text. */
export function annotationsOfFindings(findings: readonly Finding[]): readonly Annotation[] {
  return findings.flatMap((finding) => {
    const path = insidePath(finding.path, []);
    if (path === null || finding.line === undefined || finding.line < 1) return [];
    const endLine = Math.max(finding.line, finding.end_line ?? finding.line);
    const level = levelOf(finding.severity ?? '');
    return [{ path, line: finding.line, endLine, column: null, level, message: message(finding.body) }];
  });
}

/**
 * What a log says about lines, each place once, in order, at most `limits.annotationsMax`.
 * @param known paths of the repository by which absolute paths are understood (the tree that was judged is gone).
 */
export function annotationsOfLog(log: string, known: readonly string[]): readonly Annotation[] {
  const found = new Map<string, Annotation>();
  const seen: Seen = { file: null, error: null, places: 0 };
  for (const raw of clean(log).split('\n')) {
    const line = raw.slice(0, 2_000);
    const place = readLine(line, seen);
    remember(line, seen, place !== null);
    const path = place && insidePath(place.path, known);
    if (!place || !path || place.line < 1) continue;
    const key = `${path}:${place.line}:${place.text}`;
    const { line: at, column, level } = place;
    if (!found.has(key)) {
      found.set(key, { path, line: at, endLine: at, column, level, message: message(place.text) });
    }
    if (found.size >= limits.annotationsMax) break;
  }
  return [...found.values()];
}

/** What the lines before said. */
interface Seen {
  /** The file that eslint's report is about. */
  file: string | null;
  /** The last line that tells what went wrong. */
  error: string | null;
  /** Stack lines since then: the first one inside the repository is the place, the rest is how it got there. */
  places: number;
}

interface Place {
  readonly path: string;
  readonly line: number;
  readonly column: number | null;
  readonly level: Annotation['level'];
  readonly text: string;
}

const file = String.raw`((?:[A-Za-z]:)?[^\s:()"'<>|]+\.[A-Za-z0-9]{1,8})`;
const patterns = {
  /** tsc: `src/a.ts(3,5): error TS2322: …` */
  tsc: new RegExp(String.raw`^${file}\((\d+),(\d+)\): (error|warning|info) (.+)$`),
  /** Most compilers and linters: `src/a.ts:3:5 - error TS2322: …`, `main.go:3:5: …`, `a.py:3: …`, `src/a.js:3:5 lint/x ━━━` */
  colon: new RegExp(String.raw`^\s*(?:-->\s*)?${file}:(\d+)(?::(\d+))?(?::| -|(?= lint/| format))\s*(.*)$`),
  /** eslint below a line with the file's name: `  3:5  error  …  rule` */
  eslint: /^\s+(\d+):(\d+)\s+(error|warning)\s+(.+?)(?:\s{2,}\S+)?$/,
  /** A stack: `at f (file:///repo/test/a.test.js:5:10)`, ` ❯ test/a.test.ts:5:10` */
  stack: new RegExp(String.raw`^\s*(?:at (?:.*\()?|❯ (?:\S+ )?)(?:file://)?${file}:(\d+):(\d+)\)?,?$`),
} as const;

function readLine(line: string, seen: Seen): Place | null {
  const tsc = patterns.tsc.exec(line);
  if (tsc) return place(tsc, tsc[5] ?? '', levelOf(tsc[4] ?? ''));
  const stack = patterns.stack.exec(line);
  if (stack) return stackPlace(stack, seen);
  const colon = patterns.colon.exec(line);
  if (colon) return place(colon, plainText(colon[4] ?? ''), levelOf(colon[4] ?? ''));
  const eslint = seen.file === null ? null : patterns.eslint.exec(line);
  if (!eslint || seen.file === null) return null;
  const level = levelOf(eslint[3] ?? '');
  return {
    path: seen.file,
    line: Number(eslint[1]),
    column: Number(eslint[2]),
    level,
    text: eslint[4] ?? '',
  };
}

function place(match: RegExpExecArray, text: string, level: Annotation['level']): Place {
  const column = match[3] === undefined ? null : Number(match[3]);
  return { path: match[1] ?? '', line: Number(match[2]), column, level, text };
}

function stackPlace(match: RegExpExecArray, seen: Seen): Place | null {
  if (/(?:^|\/)node_modules\/|^node:/.test(match[1] ?? '') || seen.error === null || seen.places > 0)
    return null;
  seen.places += 1;
  return place(match, seen.error, 'failure');
}

function remember(line: string, seen: Seen, isPlace: boolean): void {
  const name = /^(\S+\.[A-Za-z0-9]{1,8})$/.exec(line);
  if (name?.[1]) seen.file = name[1];
  if (isPlace) return;
  const error =
    /^\s*(?:[#✖×⎯→]+\s*)?((?:\w*(?:Error|Exception)\b|error:|FAIL\b|not ok\b|AssertionError).*)$/.exec(line);
  if (error?.[1]) Object.assign(seen, { error: error[1].trim(), places: 0 });
}

/** `- error TS1: x`, `lint/style ━━━` → what a person reads. */
function plainText(text: string): string {
  return text
    .replace(/[━─\s]+$/, '')
    .replace(/^(?:error|warning)[\s:]+(?=\S)/i, '')
    .trim();
}

function levelOf(word: string): Annotation['level'] {
  if (/^\W*(?:warn|minor|medium)/i.test(word)) return 'warning';
  if (/^\W*(?:info|note|notice|hint|nit|low|suggestion|help)/i.test(word)) return 'notice';
  return 'failure';
}

/** The path inside the repository, or null for what lies outside, is not known to, or comes from a package. */
function insidePath(path: string, known: readonly string[]): string | null {
  const plain = path.replaceAll('\\', '/').replace(/^\.\//, '');
  if (/(?:^|\/)(?:\.\.|node_modules|\.git)(?:\/|$)/.test(plain)) return null;
  if (!/^(?:\/|[A-Za-z]:)/.test(plain)) return plain;
  const ends = known.filter((one) => plain.endsWith(`/${one}`));
  return ends.sort((a, b) => b.length - a.length)[0] ?? null;
}

function message(text: string): string {
  const safe = clean(text).trim() || '(no message)';
  const cut = clip(safe, limits.annotationMessageBytesMax);
  if (Buffer.byteLength(cut) <= limits.annotationMessageBytesMax) return cut;
  // A character takes at most four bytes here.
  return clip(safe, Math.floor(limits.annotationMessageBytesMax / 4));
}
