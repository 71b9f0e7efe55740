/** eslint's stylish format: the file's name on a line of its own, its problems below. */
import { levelOf } from './annotation.ts';
import type { ReaderOf } from './reader.ts';

const problem = /^\s{1,8}(\d{1,10}):(\d{1,10})\s+(error|warning)\s+(\S.*)$/;
const fileName = /^((?:[A-Za-z]:)?[^\s:][^:]*\.[A-Za-z0-9]{1,8})$/;

/** @source eslint 9.39 (2026-11) */
export const eslintReader: ReaderOf = () => {
  let file: string | null = null;
  return (line) => {
    const name = line === null ? null : fileName.exec(line);
    if (name?.[1]) {
      file = name[1];
      return [];
    }
    const [, row, column, word = '', rest = ''] = (line && file && problem.exec(line)) || [];
    if (file === null || row === undefined) return null;
    return [
      { path: file, line: Number(row), column: Number(column), level: levelOf(word), text: withRule(rest) },
    ];
  };
};

/** The rule stands in a column of its own. */
function withRule(rest: string): string {
  const end = rest.trimEnd();
  const at = end.lastIndexOf('  ');
  return at < 0 ? end : `${end.slice(0, at).trimEnd()} (${end.slice(at).trim()})`;
}
