/**
 * Globs over paths, matched without going back more than once a wildcard: patterns and names may both come from an agent,
 * and a regular expression of the one takes for ever on the other. `*` and `?` stay in a segment, `**` is any number of
 * segments, `[a-z]` and `[!a]` are one character, `{a,b}` are choices, `\` takes the next character for itself. Everything
 * else means itself, parentheses and a leading `!` too; a name with brackets in it is also matched by itself. Pure.
 */
import { alternatives } from './braces.ts';

/** True for each path that the glob matches as a whole; case counts, names that begin with a dot are names. */
export function createGlob(glob: string): (path: string) => boolean {
  const patterns = alternatives(glob).flatMap((choice) => [
    parsePattern(choice, true),
    parsePattern(choice, false),
  ]);
  return (path) => {
    const segments = path.split('/').map((segment) => [...segment]);
    return patterns.some((pattern) => matchesAll(pattern, segments));
  };
}

type Segment = readonly Token[] | typeof anySegments;
type Token = ((character: string) => boolean) | typeof anyCharacters;
const anySegments = Symbol('**');
const anyCharacters = Symbol('*');

/** Leading `./` and `/`, and doubled slashes, add nothing to a path that is relative to the top. */
function parsePattern(glob: string, hasClasses: boolean): readonly Segment[] {
  const parts = glob.split('/').filter((part) => part !== '' && part !== '.');
  const segments = parts.map((part) => (part === '**' ? anySegments : parseSegment([...part], hasClasses)));
  // `src/**` is what lies below it, and not a file of that name.
  return segments.length > 1 && segments.at(-1) === anySegments ? [...segments, [anyCharacters]] : segments;
}

function parseSegment(characters: readonly string[], hasClasses: boolean): readonly Token[] {
  const tokens: Token[] = [];
  for (let at = 0; at < characters.length; at++) {
    const character = characters[at] ?? '';
    const end = hasClasses && character === '[' ? endOfClass(characters, at) : -1;
    if (character === '*') tokens.push(anyCharacters);
    else if (character === '?') tokens.push(() => true);
    else if (end > 0) {
      tokens.push(classOf(characters.slice(at + 1, end)));
      at = end;
    } else {
      const literal = character === '\\' ? (characters[++at] ?? '\\') : character;
      tokens.push((other) => other === literal);
    }
  }
  return tokens;
}

/** A `]` that stands first is one of the characters. */
function endOfClass(characters: readonly string[], from: number): number {
  const first = from + (/[!^]/.test(characters[from + 1] ?? '') ? 2 : 1);
  return characters.indexOf(']', first + 1);
}

function classOf(characters: readonly string[]): (character: string) => boolean {
  const isOther = characters[0] === '!' || characters[0] === '^';
  const members = isOther ? characters.slice(1) : characters;
  return (character) => isMember(members, character) !== isOther;
}

function isMember(members: readonly string[], character: string): boolean {
  return members.some((member, at) => {
    const isRange = members[at + 1] === '-' && at + 2 < members.length;
    return member === character || (isRange && member <= character && character <= (members[at + 2] ?? ''));
  });
}

function matchesAll(pattern: readonly Segment[], segments: readonly (readonly string[])[]): boolean {
  return matchesSequence(pattern, segments, {
    isAny: (part) => part === anySegments,
    fits: (part, segment) =>
      part !== anySegments &&
      matchesSequence(part, segment, {
        isAny: (token) => token === anyCharacters,
        fits: (token, character) => token !== anyCharacters && token(character),
      }),
  });
}

/** Wildcards in a sequence: only the last `any` that was passed is ever tried with more, since it can take what an earlier one could. */
function matchesSequence<Part, Item>(
  parts: readonly Part[],
  items: readonly Item[],
  {
    isAny,
    fits,
  }: { readonly isAny: (part: Part) => boolean; readonly fits: (part: Part, item: Item) => boolean },
): boolean {
  let [part, item] = [0, 0];
  let [lastAny, taken] = [-1, 0];
  while (item < items.length) {
    const next = parts[part];
    if (next !== undefined && isAny(next)) {
      [lastAny, taken] = [part++, item];
    } else if (next !== undefined && fits(next, items[item] as Item)) {
      part++;
      item++;
    } else if (lastAny >= 0) {
      part = lastAny + 1;
      item = ++taken;
    } else return false;
  }
  return parts.slice(part).every(isAny);
}
