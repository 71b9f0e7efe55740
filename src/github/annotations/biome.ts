/** biome: place and rule on one line, what is wrong two lines below. */
import type { Level } from './annotation.ts';
import { filePattern, type Place, type ReaderOf } from './reader.ts';

const head = new RegExp(
  String.raw`^${filePattern}(?::(\d{1,10}):(\d{1,10}))? ((?:lint|assist|parse|format|organizeImports|suppressions)\b[\w/]*)(?: [A-Z]+)* ?━`,
);
const told = /^\s{2}([×✖⚠!ℹi]) (.+)$/;
const levels: Readonly<Record<string, Level>> = { '⚠': 'warning', '!': 'warning', ℹ: 'notice', i: 'notice' };

/** @source biome 2.5 (2026-11) */
export const biomeReader: ReaderOf = () => {
  let open: Place | null = null;
  const close = (): readonly Place[] => {
    const place = open;
    open = null;
    return place ? [place] : [];
  };
  return (line) => {
    if (line === null) return close();
    const [, path = '', row = '1', column, rule = ''] = head.exec(line.replace(/\s+/g, ' ')) ?? [];
    if (path !== '') {
      const before = close();
      const place = { path, line: Number(row), column: column === undefined ? null : Number(column) };
      open = { ...place, level: 'failure', text: rule };
      return before;
    }
    const [, mark = '', text = ''] = (open && told.exec(line)) || [];
    if (!open || mark === '') return null;
    open = { ...open, level: levels[mark] ?? 'failure', text: `${text} (${open.text})` };
    return close();
  };
};
