/** `gump config`: what is in force and from where; and setting a key in a file that a person keeps. */
import {
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setKey, tomlLines } from '../config/edit.ts';
import type { Environment } from '../config/environment.ts';
import { type Field, fields, isNamed, namedTables, type Section, sections } from '../config/fields.ts';
import { type Key, keyOf } from '../config/keys.ts';
import { inForce } from '../config/layers.ts';
import { parseConfig } from '../config/parse.ts';
import { plainOf, tomlOf } from '../config/show.ts';
import { type Node, readToml } from '../config/toml.ts';
import { isWrong, readValue } from '../config/values.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { explain, GumpError } from '../errors.ts';
import { collectProblems } from '../workflow/problems.ts';
import { configurationHere, projectFile, projectRoot, userConfigPath, userFile } from './config-layers.ts';
import { usage } from './local-run.ts';

export interface Shown {
  /** `budget.max_budget` */
  readonly key: string;
  /** As TOML writes it; null where nobody said it and nothing in particular holds. */
  readonly toml: string | null;
  /** For scripts, text without its quotes; null likewise. */
  readonly value: string | null;
  /** `gump.toml`, `~/.gump/config.toml`, the variable's name, `default`. */
  readonly source: string;
  /** In words, what holds where nobody says it. */
  readonly default: string;
}

export interface ShownFile {
  readonly file: string;
  readonly path: string;
  readonly exists: boolean;
}

export interface ConfigurationShown {
  /** Every key, in the order of the reference; those of agents that somebody configured. */
  readonly settings: readonly Shown[];
  readonly files: readonly ShownFile[];
  /** Errors: then what the broken file says is missing above. */
  readonly diagnostics: readonly Diagnostic[];
}

export function showConfiguration(dir: string, env: Environment): ConfigurationShown {
  const root = projectRoot(dir);
  const { layers, diagnostics } = configurationHere(root, env);
  const said = inForce(layers);
  const shown = said.map(({ key, value, source }): Shown => {
    const { field } = known(key);
    const from = source === 'environment' ? (field.variable ?? source) : source;
    return {
      key,
      toml: tomlOf(field, value),
      value: plainOf(field, value),
      source: from,
      default: field.default,
    };
  });
  const settings = sections.flatMap((section) => ofSection(section, shown));
  const project = root === null ? [] : [fileAt(projectFile, join(root, projectFile))];
  return { settings, files: [...project, fileAt(userFile, userConfigPath())], diagnostics };
}

function known(text: string): Key {
  const key = keyOf(text);
  if ('problem' in key) throw new GumpError(`a key in force is not known: ${text}`, { code: 'internal' });
  return key;
}

/** Agents and upstreams are there or not; every other key has a default. */
function ofSection(section: Section, shown: readonly Shown[]): readonly Shown[] {
  if (isNamed(section)) return shown.filter(({ key }) => key.startsWith(`${namedTables[section]}.`));
  return Object.entries<Field>(fields[section]).flatMap(([name, field]): Shown[] => {
    if (field.reserved !== undefined) return [];
    const key = section === 'root' ? name : `${section}.${name}`;
    const found = shown.find((one) => one.key === key);
    return [found ?? unset(key, field)];
  });
}

function unset(key: string, field: Field): Shown {
  const { fallback, default: words } = field;
  const has = fallback !== undefined;
  return {
    key,
    toml: has ? tomlOf(field, fallback) : null,
    value: has ? plainOf(field, fallback) : null,
    source: 'default',
    default: words,
  };
}

function fileAt(file: string, path: string): ShownFile {
  return { file, path, exists: existsSync(path) };
}

export type Got = { readonly value: Shown } | { readonly problems: readonly Diagnostic[] };

/** One key; a problem where there is no such key, or where a file is broken. */
export function getConfigured(dir: string, text: string, env: Environment): Got {
  const key = keyOf(text);
  if ('problem' in key) return { problems: [usage(key.problem, key.hint)] };
  const { settings, diagnostics } = showConfiguration(dir, env);
  if (hasErrors(diagnostics)) return { problems: diagnostics };
  const path = key.of === null ? (key.section === 'root' ? key.name : `${key.section}.${key.name}`) : text;
  const value = settings.find((one) => one.key === path);
  return { value: value ?? unset(path, key.field) };
}

export interface SetOrder {
  readonly dir: string;
  readonly key: string;
  readonly value: string;
  /** The user's own file instead of the project's. */
  readonly user: boolean;
}

export type SetResult =
  | { readonly kind: 'written'; readonly path: string; readonly lines: string }
  /** Nothing was written; `lines` is what a person writes there, where that can be told. */
  | { readonly kind: 'refused'; readonly problems: readonly Diagnostic[]; readonly lines: string | null };

/** Sets a key in a file and keeps the rest of it, or says what to write. @throws GumpError `process` when the disk says no */
export function setConfigured({ dir, key: text, value, user }: SetOrder): SetResult {
  const key = keyOf(text);
  if ('problem' in key) return refused(usage(key.problem, key.hint));
  const literal = literalOf(key, value);
  if (typeof literal !== 'string') return refused(literal);
  const place = placeOf(dir, user);
  if ('problem' in place) return refused(place.problem);
  const lines = tomlLines(key, literal);
  const before = textIn(place);
  if (typeof before !== 'string') return { ...refused(before), lines };
  const edited = setKey(before, key, literal);
  if ('problem' in edited) {
    const problem = usage(
      `${place.file} was not changed: ${edited.problem}`,
      `write there by hand:\n${indented(lines)}`,
    );
    return { ...refused(problem), lines };
  }
  const { diagnostics } = parseConfig({ file: place.file, text: edited.text });
  const errors = diagnostics.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) {
    const problem = usage(
      `${place.file} was not changed: it would be broken, or is`,
      'mend what is told above first',
    );
    return refused(...errors, problem);
  }
  replace(place.path, edited.text);
  return { kind: 'written', path: place.path, lines };
}

function refused(...problems: readonly Diagnostic[]): SetResult & { readonly kind: 'refused' } {
  return { kind: 'refused', problems, lines: null };
}

/** The value as TOML writes it: lists are typed as TOML, everything else as it is. */
function literalOf({ field, name }: Key, typed: string): string | Diagnostic {
  if (field.reserved !== undefined) return usage(`\`${name}\` is not supported yet`, field.reserved);
  const isList = ['words', 'variables', 'headers', 'models'].includes(field.type);
  const isNumber = ['usd', 'price', 'count', 'parallel', 'cut'].includes(field.type);
  const literal = isList || isNumber ? typed.trim() : JSON.stringify(typed);
  // Whatever is no value of TOML's is judged as the text that it is.
  const isValue = !literal.includes('\n') && nodeOf(literal) !== undefined;
  const node = nodeOf(isValue ? literal : JSON.stringify(typed));
  const value = node ? readValue(field, node) : { expected: 'a value that TOML can write' };
  if (!isWrong(value)) return literal;
  if (value.secret) return usage(`\`${name}\` is ${value.expected}`, value.hint ?? '');
  const kind = field.type === 'headers' || field.type === 'models' ? 'table' : 'list';
  const example = isList
    ? `a ${kind} is typed as TOML writes it: '${field.example}'`
    : `for example: ${field.example}`;
  return usage(`\`${name}\` is ${value.expected}, not \`${typed}\``, example);
}

function nodeOf(literal: string): Node | undefined {
  return readToml('', `x = ${literal}\n`, collectProblems('', ''))?.entries.get('x')?.value;
}

interface Place {
  readonly file: string;
  readonly path: string;
}

function placeOf(dir: string, user: boolean): Place | { readonly problem: Diagnostic } {
  if (user) return { file: userFile, path: userConfigPath() };
  const root = projectRoot(dir);
  if (root !== null) return { file: projectFile, path: join(root, projectFile) };
  const hint = 'go into a repository, name one by --repo DIR, or set your own file by --user';
  return { problem: usage(`there is no project around ${dir}`, hint) };
}

/** Empty where there is no file yet. */
function textIn({ file, path }: Place): string | Diagnostic {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (!found) return '';
  if (!found.isFile()) return usage(`${file} was not changed: it is no plain file`, `look at ${path}`);
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    return usage(`${file} was not changed: ${explain(error)}`, `look at ${path}`);
  }
}

/** The new file stands there whole or not at all. */
export function replace(path: string, text: string): void {
  const temp = join(dirname(path), `.gump-${process.pid}.toml`);
  try {
    mkdirSync(dirname(path), { recursive: true });
    const mode = statSync(path, { throwIfNoEntry: false })?.mode;
    writeFileSync(temp, text, mode === undefined ? {} : { mode });
    renameSync(temp, path);
  } catch (cause) {
    rmSync(temp, { force: true });
    throw new GumpError(`${path} was not written: ${explain(cause)}`, { code: 'process', cause });
  }
}

function indented(lines: string): string {
  return lines.replace(/^/gm, '    ');
}
