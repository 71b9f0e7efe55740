/** Markup that a page does not show as text: comments and images. Linear in the text. */
import { limits } from '../limits.ts';
import { labelOf } from './blocks.ts';

export interface Cut {
  readonly text: string;
  readonly count: number;
}

/** What opens and what closes text that no page shows. */
const hidden = [
  { open: '<!--', close: '-->' },
  { open: '<![CDATA[', close: ']]>' },
  { open: '<?', close: '?>' },
  { open: /^<![A-Za-z]/, close: '>' },
] as const;

/** Without comments, declarations and processing instructions. An unclosed comment at a line's start runs to the end. */
export function cutComments(text: string): Cut {
  const kept: string[] = [];
  const hopeless = new Set<string>();
  let from = 0;
  let count = 0;
  for (let at = nextOpening(text, 0); at >= 0; at = nextOpening(text, Math.max(at + 1, from))) {
    const end = endOfHidden(text, at, hopeless);
    if (end < 0) continue;
    kept.push(text.slice(from, at));
    from = end;
    count++;
  }
  return { text: kept.join('') + text.slice(from), count };
}

function nextOpening(text: string, from: number): number {
  const opening = /<[!?]/g;
  opening.lastIndex = from;
  return opening.exec(text)?.index ?? -1;
}

/** Where hidden text that begins here ends; -1 where none begins. `hopeless` closers are nowhere behind. */
function endOfHidden(text: string, at: number, hopeless: Set<string>): number {
  const start = text.slice(at, at + 9);
  const kind = hidden.find(({ open }) =>
    typeof open === 'string' ? start.startsWith(open) : open.test(start),
  );
  if (!kind) return -1;
  const skip = typeof kind.open === 'string' ? kind.open.length : 3;
  const close = hopeless.has(kind.close) ? -1 : text.indexOf(kind.close, at + skip);
  if (close >= 0) return close + kind.close.length;
  hopeless.add(kind.close);
  if (kind.open === '<!--' && isAtLineStart(text, at)) return text.length;
  // Only the opening goes: what follows is seen on the page, and must not be hidden by what is put behind it.
  return typeof kind.open === 'string' ? at + skip : -1;
}

function isAtLineStart(text: string, at: number): boolean {
  return (
    /(?:^|\n)[ >*+-]*$/.test(text.slice(Math.max(0, at - 64), at)) && text.lastIndexOf('\n', at) >= at - 64
  );
}

/** Without `![alt](url)`, `![alt][label]`, `![label]` of one of the labels, and `<img …>`. */
export function cutImages(text: string, labels: ReadonlySet<string> = new Set()): Cut {
  const kept: string[] = [];
  let from = 0;
  let count = 0;
  const opening = /!\[|<img(?=[\s/>])/gi;
  const brackets = matchBrackets(text);
  for (let match = opening.exec(text); match; match = opening.exec(text)) {
    const isTag = match[0] !== '![';
    const end = isTag
      ? endOfTag(text, match.index)
      : endOfImage(text, { at: match.index + 1, brackets, labels });
    if (end < 0) continue;
    kept.push(text.slice(from, match.index));
    from = end;
    opening.lastIndex = end;
    count++;
  }
  return { text: kept.join('') + text.slice(from), count };
}

/** From the offset of an opening bracket to the one behind its closing bracket. */
type Brackets = ReadonlyMap<number, number>;

interface Opened {
  /** Where the bracket opens. */
  readonly at: number;
  readonly brackets: Brackets;
  readonly labels: ReadonlySet<string>;
}

function endOfImage(text: string, { at, brackets, labels }: Opened): number {
  const alt = brackets.get(at) ?? -1;
  const behind = text[alt] === '(' || text[alt] === '[' ? brackets.get(alt) : undefined;
  if (behind !== undefined) return behind;
  return alt > 0 && alt - at < limits.hiddenCharactersMax && labels.has(labelOf(text.slice(at + 1, alt - 1)))
    ? alt
    : -1;
}

/** The pairs of `[]` and of `()` that close within their paragraph; in one pass, since hostile text nests them. */
function matchBrackets(text: string): Brackets {
  const pairs = new Map<number, number>();
  const open: Record<string, number[]> = { ']': [], ')': [] };
  for (const { 0: token, index } of text.matchAll(/\\[^\r\n]|\n\r?\n|[[\]()]/g)) {
    if (token === '[') open[']']?.push(index);
    else if (token === '(') open[')']?.push(index);
    else if (token === ']' || token === ')') {
      const start = open[token]?.pop();
      if (start !== undefined) pairs.set(start, index + 1);
    } else if (token[0] === '\n') {
      open[']'] = [];
      open[')'] = [];
    }
  }
  return pairs;
}

function endOfTag(text: string, at: number): number {
  const window = text.slice(at, at + limits.hiddenCharactersMax);
  const match = /^<img(?:[^"'>]|"[^"]*"|'[^']*')*>/i.exec(window);
  return match ? at + match[0].length : -1;
}
