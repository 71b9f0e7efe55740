/** `::error file=src/a.ts,line=3,col=5::…`, what tools print for GitHub Actions. */
import { levelOf } from './annotation.ts';
import type { ReaderOf } from './reader.ts';

/** @source docs.github.com, "Workflow commands for GitHub Actions" (2026-11) */
export const workflowCommandReader: ReaderOf = () => (line) => {
  if (line === null || !/^\s*::(?:error|warning|notice) /.test(line)) return null;
  const end = line.indexOf('::', line.indexOf('::') + 2);
  if (end < 0) return [];
  const [word = '', ...rest] = line.slice(0, end).trim().slice(2).split(' ');
  const fields = fieldsOf(rest.join(' '));
  const row = Number(fields.get('line') ?? '1');
  const endRow = Number(fields.get('endLine') ?? row);
  const column = Number(fields.get('col') ?? fields.get('column') ?? Number.NaN);
  const path = fields.get('file') ?? '';
  if (path === '') return [];
  const text = decoded(line.slice(end + 2)).trim();
  const place = { path, line: row, endLine: endRow, column: Number.isNaN(column) ? null : column };
  return [{ ...place, level: levelOf(word), text: text || (fields.get('title') ?? '') }];
};

function fieldsOf(text: string): ReadonlyMap<string, string> {
  return new Map(
    text.split(',').map((field) => {
      const at = field.indexOf('=');
      return [field.slice(0, Math.max(0, at)).trim(), decoded(field.slice(at + 1))] as const;
    }),
  );
}

function decoded(text: string): string {
  return text.replace(/%(25|0D|0A|3A|2C)/gi, (_, code: string) =>
    String.fromCharCode(Number.parseInt(code, 16)),
  );
}
