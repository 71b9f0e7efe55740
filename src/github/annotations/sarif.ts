/** SARIF 2.1: results of any analysis, each at its first location. */

import { column, type Json, list, number, record, text } from '../json-value.ts';
import type { Level } from './annotation.ts';
import type { Place } from './reader.ts';

/** Looked up by a word of the report's: `constructor` is none. */
const levels: ReadonlyMap<string, Level> = new Map([
  ['error', 'failure'],
  ['warning', 'warning'],
  ['note', 'notice'],
  ['none', 'notice'],
]);

/** @source docs.oasis-open.org, SARIF 2.1.0, 3.20 "invocation object", 3.27 "result object", 3.30 "region object" (2026-11) */
export function placesOfSarif(document: unknown): readonly Place[] | null {
  const root = record(document);
  if (!Array.isArray(root.runs)) return null;
  return list(root.runs).flatMap((run) => {
    const bases = record(run.originalUriBaseIds);
    return [...list(run.results), ...notifications(run)].flatMap((result) => placeOf(result, bases));
  });
}

/** What kept the tool from its work, a syntax error for one, has the same shape. */
function notifications(run: Json): readonly Json[] {
  return list(run.invocations).flatMap((one) => [
    ...list(one.toolConfigurationNotifications),
    ...list(one.toolExecutionNotifications),
  ]);
}

function placeOf(result: Json, bases: Json): readonly Place[] {
  const [location] = list(result.locations);
  const physical = record(record(location).physicalLocation);
  const artifact = record(physical.artifactLocation);
  const region = record(physical.region);
  const path = pathOf(artifact, bases);
  if (path === '' || result.kind === 'pass' || list(result.suppressions).length > 0) return [];
  const line = Number.isNaN(number(region.startLine)) ? 1 : number(region.startLine);
  const rule = text(result.ruleId);
  const said = text(record(result.message).text) || text(record(result.message).markdown);
  return [
    {
      ...{ path, line, column: column(region.startColumn) },
      ...(Number.isNaN(number(region.endLine)) ? {} : { endLine: number(region.endLine) }),
      // What says no level is a warning.
      level: levels.get(text(result.level)) ?? 'warning',
      text: rule === '' ? said : `${said} (${rule})`,
    },
  ];
}

function pathOf(artifact: Json, bases: Json): string {
  const base = text(record(bases[text(artifact.uriBaseId)]).uri);
  const whole = `${/^file:/.test(base) ? base : ''}${text(artifact.uri)}`;
  return decoded(whole.replace(/^file:(?:\/\/[^/]*)?/, ''));
}

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}
