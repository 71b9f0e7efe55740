/** What stands between two lines `---` at the very beginning of a spec: settings, one `key: value` a line. */
import { limits } from '../limits.ts';

export interface FrontMatter {
  /** Keys in lower case with `-` for `_`; the first of a key counts. */
  readonly values: ReadonlyMap<string, string>;
  /** Keys that stand there more than once. */
  readonly repeated: readonly string[];
  /** The lines with both marks, as they are. */
  readonly block: string;
  /** The text behind it. */
  readonly rest: string;
}

/**
 * Null where the text does not begin with any: the first line is no `---`, nothing closes it, or a line between is no
 * setting. Lists and nested values are taken for what other tools want to know: their key has the value ''.
 */
export function frontMatterOf(text: string): FrontMatter | null {
  const lines = text.split('\n', limits.frontMatterLinesMax + 1).map((line) => line.trimEnd());
  if (lines[0] !== '---') return null;
  const end = lines.indexOf('---', 1);
  if (end < 2) return null;
  const inner = lines.slice(1, end);
  const settings = inner.filter((line) => !/^\s*(#|$)/.test(line));
  if (settings.length === 0 || !settings.every((line) => /^(\s|-\s|[A-Za-z_][\w-]*:(\s|$))/.test(line)))
    return null;
  const { values, repeated } = read(settings);
  const rest = text
    .split('\n')
    .slice(end + 1)
    .join('\n');
  return { values, repeated, block: ['---', ...inner, '---'].join('\n'), rest };
}

function read(settings: readonly string[]): Pick<FrontMatter, 'values' | 'repeated'> {
  const values = new Map<string, string>();
  const repeated: string[] = [];
  for (const line of settings) {
    const [, name, value = ''] = /^([A-Za-z_][\w-]*):\s*(.*)$/.exec(line) ?? [];
    if (name === undefined) continue;
    const key = name.toLowerCase().replaceAll('_', '-');
    if (values.has(key)) repeated.push(key);
    else values.set(key, unquoted(value));
  }
  return { values, repeated };
}

function unquoted(value: string): string {
  const [, , quoted] = /^(["'])(.*?)\1\s*(?:\s#.*)?$/.exec(value) ?? [];
  return quoted ?? value.replace(/(^|\s)#.*$/, '').trim();
}
