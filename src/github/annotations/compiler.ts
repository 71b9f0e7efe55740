/** `src/a.c:3:5: error: …`: gcc, clang, go, golangci-lint, ruff, mypy, eslint's unix format, tsc's pretty one, and many more. */
import { type Level, levelOf } from './annotation.ts';
import { isHost } from './path.ts';
import { filePattern, type ReaderOf } from './reader.ts';

const pattern = new RegExp(String.raw`^\s*${filePattern}:(\d{1,10})(?::(\d{1,10}))?(?::| -) ?(.*)$`);

/** What explains the remark before it: `note: each undeclared identifier …`, `required from here`. */
const explanation = /^(?:note|help):|^\s*(?:recursively )?required (?:from|by)\b/;

/** @source gcc 12, go 1.19, golangci-lint 2, eslint-formatter-unix 8, TypeScript 7 (2026-11) */
export const compilerReader: ReaderOf = (known) => (line) => {
  const [, path = '', row, column, told = ''] = (line && pattern.exec(line)) || [];
  if (path === '' || (isHost(path) && !known.includes(path))) return null;
  if (explanation.test(told) || told.trim() === '' || isRelated(line ?? '', told)) return [];
  const place = { path, line: Number(row), column: column === undefined ? null : Number(column) };
  return [{ ...place, level: levelIn(told), text: withoutLevel(told) }];
};

/** `error: x`, `fatal error: x`, `error TS1: x`, `error[E0425]: x`; anything else begins the sentence itself. */
const marked = /^(?:fatal )?(error|warning|info|information|message)(?:\[(\w{1,20})\]:|:| (?=TS\d)) ?(.*)$/i;
/** eslint's unix format says it at the end. */
const marksEnd = /\[(Error|Warning)(?:\/[^\]\s]{1,100})?\]$/;

function levelIn(told: string): Level {
  return levelOf(marked.exec(told)?.[1] ?? marksEnd.exec(told)?.[1] ?? '');
}

/** tsc's pretty format says how bad a remark is; a place without that only explains one. */
function isRelated(line: string, told: string): boolean {
  return line.endsWith(` - ${told}`) && !marked.test(told);
}

/** What a person reads. */
function withoutLevel(told: string): string {
  const [, , code, said = told] = marked.exec(told) ?? [];
  return code === undefined ? said.trim() : `${said.trim()} (${code})`;
}
