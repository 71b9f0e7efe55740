/** The keys of a section held against the table of fields: unknown ones told, known ones read. */
import { nearest, type Position } from '../diagnostic.ts';
import type { Problems } from '../workflow/problems.ts';
import { keyPath, type Said } from './config.ts';
import { type Field, fieldOf, keysOf, type Section, sectionNames, sections, tableNames } from './fields.ts';
import type { Entry, List, Node, Table } from './toml.ts';
import { isWrong, readValue } from './values.ts';

/** Where problems go, and where each key that was understood stands. */
export interface Reading {
  readonly problems: Problems;
  readonly places: Map<string, Position>;
}

export interface Where<S extends Section> {
  readonly section: S;
  /** The name in `[agents.<name>]` or `[gateway.<name>]`. */
  readonly of?: string;
}

/** The table of a key; null where it is absent, or (with a problem) something else. */
export function tableOf(reading: Reading, entry: Entry | undefined): Table | null {
  if (!entry || entry.value.kind === 'table') return entry?.value.kind === 'table' ? entry.value : null;
  const message = `\`${entry.key}\` is a table, not ${describe(entry.value)}`;
  reading.problems.add({
    code: 'wrong-type',
    at: entry.keyAt,
    message,
    hint: 'a table begins with its name in brackets',
  });
  return null;
}

/** What the entries say; those with a problem are left out. */
export function readEntries<S extends Section>(
  reading: Reading,
  entries: Iterable<Entry>,
  where: Where<S>,
): Said<S> {
  const spelt = new Map<string, string>();
  const values = [...entries].flatMap((entry): [string, unknown][] => {
    const found = fieldOf(where.section, entry.key);
    if (!found) tellUnknown(reading, where.section, entry);
    if (!found || isSecondSpelling(reading, entry, { name: found.name, spelt })) return [];
    const value = readField(reading, entry, { field: found.field, section: where.section });
    if (value === null) return [];
    reading.places.set(keyPath(where.section, found.name, where.of), entry.keyAt);
    return [[found.name, value]];
  });
  return Object.fromEntries(values) as Said<S>;
}

function isSecondSpelling(
  { problems }: Reading,
  { key, keyAt }: Entry,
  { name, spelt }: { readonly name: string; readonly spelt: Map<string, string> },
): boolean {
  const before = spelt.get(name);
  spelt.set(name, key);
  if (before === undefined) return false;
  const message = `\`${before}\` and \`${key}\` are two spellings of one key`;
  problems.add({ code: 'two-spellings', at: keyAt, message, hint: `leave one of them, \`${name}\`` });
  return true;
}

function readField(
  { problems }: Reading,
  { key, keyAt, value: node }: Entry,
  { field, section }: { readonly field: Field; readonly section: Section },
): unknown {
  if (field.reserved !== undefined) {
    const message = `\`${key}\` in ${sectionNames[section]} is not supported yet`;
    problems.add({ code: 'not-supported-yet', at: keyAt, message, hint: field.reserved });
    return null;
  }
  const value = readValue(field, node);
  if (!isWrong(value)) return value;
  if (value.secret) {
    problems.add({
      code: 'key-in-file',
      at: node.at,
      message: `\`${key}\` is ${value.expected}`,
      hint: value.hint,
      hidden: true,
    });
    return null;
  }
  const message = `\`${key}\` is ${value.expected}, not ${describe(node)}`;
  problems.add({ code: 'wrong-type', at: node.at, message, hint: value.hint });
  return null;
}

function tellUnknown({ problems }: Reading, section: Section, { key, keyAt }: Entry): void {
  const message = `unknown key \`${shown(key)}\` in ${sectionNames[section]}`;
  problems.add({ code: 'unknown-key', at: keyAt, message, hint: unknownHint(section, key) });
}

function unknownHint(section: Section, key: string): string {
  const known = section === 'root' ? [...keysOf('root'), ...Object.keys(tableNames)] : keysOf(section);
  const near = nearest(key, known);
  if (near) return `did you mean \`${near}\`?`;
  const elsewhere = sections.filter((other) => other !== section && fieldOf(other, key) !== null);
  if (elsewhere.length > 0) {
    return `\`${key}\` belongs in ${elsewhere.map((other) => sectionNames[other]).join(' or ')}`;
  }
  return `known here: ${known.join(', ')}`;
}

/** A value as a message quotes it. */
function describe(node: Node): string {
  if (node.kind === 'table') return 'a table';
  if (node.kind === 'list') return node.items.length === 0 ? 'an empty list' : `\`${shown(listText(node))}\``;
  if (typeof node.value === 'string')
    return node.value === '' ? 'empty text' : `the text \`${shown(node.value)}\``;
  return `\`${node.value instanceof Date ? 'a date' : String(node.value)}\``;
}

function listText({ items }: List): string {
  const texts = items.map((item) => {
    if (item.kind !== 'scalar') return '...';
    return item.value instanceof Date ? 'a date' : JSON.stringify(item.value);
  });
  return `[${texts.join(', ')}]`;
}

function shown(text: string): string {
  const line = text.replace(/[^\x20-\x7e]/g, '?').replaceAll('`', "'");
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
