/** Templates: text with `{placeholders}`. Pure: text in, values in, text out; a value is never scanned again. */
import { limits } from '../limits.ts';

/** One piece of a template; `at` counts UTF-16 units from the template's start. */
export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'name'; readonly name: string; readonly at: number };

export interface Placeholder {
  readonly name: string;
  /** Offset of the opening brace, in UTF-16 units. */
  readonly at: number;
}

/** A template's placeholders in order, repeated ones repeatedly; empty for plain text. */
export function placeholders(text: string): readonly Placeholder[] {
  return parseTemplate(text).flatMap((part) =>
    part.kind === 'name' ? [{ name: part.name, at: part.at }] : [],
  );
}

/**
 * Splits a template into text and names. `{name}` is a placeholder, `{{` and `}}` are literal braces, and every
 * other brace is itself: `{"a": {"b": 1}}` stays as it is, because its `}}` closes two plain braces.
 * Never fails; linear in the text.
 */
export function parseTemplate(text: string): readonly Part[] {
  const parts: Part[] = [];
  /** Braces that are open: true for a plain one, false for a doubled one. */
  const open: boolean[] = [];
  let literal: string[] = [];
  let from = 0;
  const keep = (until: number, next: number): void => {
    if (until > from) literal.push(text.slice(from, until));
    from = next;
  };
  const brace = /[{}]/g;
  for (let match = brace.exec(text); match; match = brace.exec(text)) {
    const at = match.index;
    const doubled = text[at + 1] === match[0];
    if (match[0] === '}') {
      if (open.at(-1) === true || !doubled) {
        if (open.at(-1) === true) open.pop();
        continue;
      }
      open.pop();
      keep(at + 1, at + 2);
    } else if (doubled) {
      open.push(false);
      keep(at + 1, at + 2);
    } else {
      const name = nameAt(text, at + 1);
      if (name === null) {
        open.push(true);
        continue;
      }
      keep(at, at + name.length + 2);
      if (literal.length > 0) parts.push({ kind: 'text', text: literal.join('') });
      literal = [];
      parts.push({ kind: 'name', name, at });
    }
    brace.lastIndex = from;
  }
  keep(text.length, text.length);
  if (literal.length > 0) parts.push({ kind: 'text', text: literal.join('') });
  return parts;
}

/** The name between here and the next `}`, or null where there is none; looks no further than a name may be long. */
function nameAt(text: string, start: number): string | null {
  let end = start;
  while (end - start <= limits.placeholderCharactersMax && isNameCharacter(text.charCodeAt(end))) end++;
  const name = text[end] === '}' ? text.slice(start, end) : '';
  return isName(name) ? name : null;
}

/** Letters, digits and `- . / _`; NaN behind the text's end is none of them. */
function isNameCharacter(code: number): boolean {
  const letter = (code | 0x20) >= 0x61 && (code | 0x20) <= 0x7a;
  return letter || (code >= 0x2d && code <= 0x39) || code === 0x5f;
}

/** True for `spec`, `task.name`, `decompose/task-1/converge.output`; false for `4`, `1.5`, `a..b`, `a b`, nothing. */
export function isName(name: string): boolean {
  return (
    name.length <= limits.placeholderCharactersMax &&
    /^[\w-]+(?:[./][\w-]+)*$/.test(name) &&
    /[A-Za-z_]/.test(name)
  );
}
