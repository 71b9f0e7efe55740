/** Reports in JSON: eslint, biome, golangci-lint, cargo, jest and vitest. */

import { column, type Json, list, number, record, text } from '../json-value.ts';
import { type Level, levelOf } from './annotation.ts';
import type { Place } from './reader.ts';
import { placesOfSarif } from './sarif.ts';

/** What a document says; null where it is no report that is known. */
export function placesOfJson(document: unknown): readonly Place[] | null {
  for (const format of formats) {
    const places = format(document);
    if (places) return places;
  }
  return null;
}

const formats: readonly ((document: unknown) => readonly Place[] | null)[] = [
  placesOfSarif,
  ofEslint,
  ofBiome,
  ofGolangci,
  ofCargo,
  ofJest,
];

/** @source eslint 9.39, `--format json` (2026-11) */
function ofEslint(document: unknown): readonly Place[] | null {
  if (!Array.isArray(document) || !list(document).every((file) => Array.isArray(file.messages))) return null;
  return list(document).flatMap((file) =>
    list(file.messages).map((problem) => ({
      path: text(file.filePath),
      line: Number.isNaN(number(problem.line)) ? 1 : number(problem.line),
      ...(Number.isNaN(number(problem.endLine)) ? {} : { endLine: number(problem.endLine) }),
      column: column(problem.column),
      level: problem.severity === 1 ? ('warning' as const) : ('failure' as const),
      text: withRule(text(problem.message), text(problem.ruleId)),
    })),
  );
}

/** Line 0 stands for the whole file. @source biome 2.5, `--reporter=json` (2026-11) */
function ofBiome(document: unknown): readonly Place[] | null {
  const root = record(document);
  if (!Array.isArray(root.diagnostics) || !('command' in root)) return null;
  return list(root.diagnostics).map((one) => {
    const location = record(one.location);
    return {
      path: text(location.path),
      line: Math.max(1, number(record(location.start).line)),
      column: column(record(location.start).column),
      level: levelOf(text(one.severity)),
      text: withRule(text(one.message), text(one.category)),
    };
  });
}

/** @source golangci-lint 2, pkg/result.Issue; it says no severity unless it is configured (2026-11) */
function ofGolangci(document: unknown): readonly Place[] | null {
  const root = record(document);
  if (!Array.isArray(root.Issues)) return null;
  return list(root.Issues).map((issue) => {
    const at = record(issue.Pos);
    return {
      ...{ path: text(at.Filename), line: number(at.Line), column: column(at.Column) },
      level: levelOf(text(issue.Severity)),
      text: withRule(text(issue.Text), text(issue.FromLinter)),
    };
  });
}

/** One line for each message. @source doc.rust-lang.org, "External tools": JSON messages (2026-11) */
function ofCargo(document: unknown): readonly Place[] | null {
  const root = record(document);
  if (typeof root.reason !== 'string') return null;
  const told = record(root.message);
  const span = list(told.spans).find((one) => one.is_primary === true);
  if (!span) return [];
  const place = { path: text(span.file_name), line: number(span.line_start), endLine: number(span.line_end) };
  const said = withRule(text(told.message), text(record(told.code).code));
  return [{ ...place, column: column(span.column_start), level: levelOf(text(told.level)), text: said }];
}

/** @source jest 29.7 `--json`, vitest 5.1 `--reporter=json` (2026-11) */
function ofJest(document: unknown): readonly Place[] | null {
  const root = record(document);
  if (!Array.isArray(root.testResults)) return null;
  return list(root.testResults).flatMap((file) =>
    list(file.assertionResults)
      .filter((one) => one.status === 'failed')
      .flatMap((one) => jestPlace(text(file.name), one)),
  );
}

function jestPlace(file: string, test: Json): readonly Place[] {
  const [told = ''] = Array.isArray(test.failureMessages) ? test.failureMessages.map(text) : [];
  const line = lineIn(told, file) ?? number(record(test.location).line);
  const said = told.split('\n    at ')[0] ?? '';
  const level: Level = 'failure';
  if (Number.isNaN(line)) return [];
  return [{ path: file, line, column: null, level, text: `${text(test.fullName)}\n${said}`.trim() }];
}

/** Of the first frame in the test's own file. */
function lineIn(told: string, file: string): number | null {
  const at = told.indexOf(`${file}:`);
  const row = at < 0 ? null : /^\d{1,10}/.exec(told.slice(at + file.length + 1, at + file.length + 12));
  return row ? Number(row[0]) : null;
}

function withRule(said: string, rule: string): string {
  return rule === '' ? said : `${said} (${rule})`;
}
