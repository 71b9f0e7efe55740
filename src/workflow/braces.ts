/** Braces of a glob, written out: inside of them `**` at the beginning would not reach the top folder. Pure. */
import { limits } from '../limits.ts';

/** `{a,b/{c,d}}.js` gives `a.js`, `b/c.js`, `b/d.js`; a glob of too many alternatives is given back as it is. */
export function alternatives(glob: string): readonly string[] {
  const done: string[] = [];
  const open = [glob];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const group = firstGroup(next);
    if (group) open.push(...group.toReversed());
    else done.push(next);
    if (done.length + open.length > limits.globAlternativesMax) return [glob];
  }
  return done;
}

/** The glob once for each choice of its first group; null where it has none. `{1..3}` and `{a}` are no groups of choices. */
function firstGroup(glob: string): readonly string[] | null {
  for (let from = glob.indexOf('{'); from >= 0; from = glob.indexOf('{', from + 1)) {
    const ends = isEscaped(glob, from) ? null : endsOf(glob, from);
    if (!ends) continue;
    const [before, after] = [glob.slice(0, from), glob.slice((ends.at(-1) ?? from) + 1)];
    return ends.map((end, index) => before + glob.slice((ends[index - 1] ?? from) + 1, end) + after);
  }
  return null;
}

/** Where the choices of the group that begins here end: its commas and its closing brace; null where it is no group. */
function endsOf(glob: string, from: number): readonly number[] | null {
  const commas: number[] = [];
  let depth = 0;
  for (let at = from; at < glob.length; at++) {
    const character = glob[at];
    if (character === '\\') at++;
    else if (character === '{') depth++;
    else if (character === ',' && depth === 1) commas.push(at);
    else if (character === '}' && --depth === 0) return commas.length > 0 ? [...commas, at] : null;
  }
  return null;
}

function isEscaped(glob: string, at: number): boolean {
  return at > 0 && glob[at - 1] === '\\';
}
