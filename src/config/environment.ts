/** The environment as a source of configuration: `GUMP_MAX_BUDGET` says what `[budget] max_budget` says. Pure: it is handed over. */
import { type Diagnostic, nearest, type Position } from '../diagnostic.ts';
import { type Config, emptyConfig } from './config.ts';
import { type Field, fields, type Section, sections } from './fields.ts';
import type { ParsedConfig } from './parse.ts';
import type { Scalar } from './toml.ts';
import { isWrong, readValue } from './values.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

interface Variable {
  readonly variable: string;
  readonly section: Section;
  readonly key: string;
  readonly field: Field;
}

/** Every variable that configures, in the order of the reference. */
export const variables: readonly Variable[] = sections.flatMap((section) =>
  Object.entries<Field>(fields[section]).flatMap(([key, field]) =>
    field.variable === undefined ? [] : [{ variable: field.variable, section, key, field }],
  ),
);

/** Reads the variables of the table; empty ones count as not set. A misspelt one is a warning. */
export function readEnvironment(env: Environment): ParsedConfig {
  const diagnostics: Diagnostic[] = [];
  const found = variables.flatMap((one) => {
    const text = env[one.variable]?.trim();
    if (!text) return [];
    const value = readValue(one.field, scalarOf(text));
    if (!isWrong(value)) return [{ ...one, value }];
    const message = `${one.variable} is ${value.expected.replaceAll('"', '')}, not \`${printable(text)}\``;
    diagnostics.push({ severity: 'error', code: 'environment', message });
    return [];
  });
  const layer = {
    source: 'environment',
    config: configOf(found),
    places: new Map<string, Position>(),
    lines: [],
  };
  const isRight = diagnostics.length === 0;
  return { layer: isRight ? layer : null, diagnostics: [...diagnostics, ...misspelt(env)] };
}

/** A number where it is written as one, else text. */
function scalarOf(text: string): Scalar {
  const value = /^\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
  return { kind: 'scalar', value, at: { file: '', line: 1, column: 1 }, range: [0, text.length] };
}

function configOf(found: readonly (Variable & { readonly value: unknown })[]): Config {
  const of = (wanted: Section) =>
    Object.fromEntries(
      found.filter(({ section }) => section === wanted).map(({ key, value }) => [key, value]),
    );
  return { ...emptyConfig, root: of('root'), budget: of('budget'), sandbox: of('sandbox') };
}

function misspelt(env: Environment): readonly Diagnostic[] {
  const known = variables.map(({ variable }) => variable);
  return Object.keys(env).flatMap((name): Diagnostic[] => {
    if (!name.startsWith('GUMP_') || known.includes(name)) return [];
    const near = nearest(
      name.slice('GUMP_'.length),
      known.map((one) => one.slice('GUMP_'.length)),
    );
    if (!near) return [];
    const message = `the variable ${printable(name)} is not known`;
    return [{ severity: 'warning', code: 'environment', message, hint: `did you mean GUMP_${near}?` }];
  });
}

function printable(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 60);
}
