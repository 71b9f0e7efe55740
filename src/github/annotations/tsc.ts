/** `src/a.ts(3,5): error TS2322: …`, as tsc and other compilers of its maker print it. */
import { levelOf } from './annotation.ts';
import { filePattern, type ReaderOf } from './reader.ts';

const pattern = new RegExp(String.raw`^\s*${filePattern}\((\d+),(\d+)\): (error|warning|info|message) (.+)$`);

/** @source TypeScript 7.0 without `--pretty`; MSBuild's canonical format (2026-11) */
export const tscReader: ReaderOf = () => (line) => {
  const [, path = '', row, column, word = '', text = ''] = (line && pattern.exec(line)) || [];
  if (path === '') return null;
  return [{ path, line: Number(row), column: Number(column), level: levelOf(word), text }];
};
