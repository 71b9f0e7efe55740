/** Keys as people type them: `default_agent`, `budget.max_budget`, `agents.mine.command`. */
import { nearest } from '../diagnostic.ts';
import {
  type Field,
  fieldOf,
  isNamed,
  keysOf,
  type NamedSection,
  namedTables,
  type Section,
  sections,
} from './fields.ts';
import { isAgentName } from './values.ts';

export interface Key {
  readonly section: Section;
  readonly name: string;
  readonly field: Field;
  /** The name in `[agents.<name>]` or `[gateway.<name>]`; null for every other section. */
  readonly of: string | null;
}

/** The key that a text means, by its name or its alias; or why it means none. */
export function keyOf(text: string): Key | { readonly problem: string; readonly hint: string } {
  const parts = text.split('.');
  const name = parts.at(-1) ?? '';
  const named = parts.length > 2 ? namedSectionOf(parts[0]) : undefined;
  const section: Section | undefined = named ?? (parts.length === 1 ? 'root' : sectionOf(parts));
  const found = section && fieldOf(section, name);
  if (!section || !found) return unknown(text);
  const of = named ? parts.slice(1, -1).join('.') : null;
  if (of !== null && !isAgentName(of)) {
    const what = section === 'agent' ? 'an agent' : 'an upstream';
    const hint = section === 'agent' ? 'for example agents.mine.command' : 'for example gateway.company.url';
    return { problem: `\`${of}\` cannot be the name of ${what}`, hint };
  }
  return { section, name: found.name, field: found.field, of };
}

function namedSectionOf(table: string | undefined): NamedSection | undefined {
  return sections.filter(isNamed).find((section) => namedTables[section] === table);
}

function sectionOf([table, ...rest]: readonly string[]): Section | undefined {
  return rest.length === 1
    ? sections.find((one) => one === table && one !== 'root' && !isNamed(one))
    : undefined;
}

/** Every key, those of agents with `<name>` for theirs. */
function allKeys(): readonly string[] {
  return sections.flatMap((section) =>
    keysOf(section).map((key) => {
      if (section === 'root') return key;
      return isNamed(section) ? `${namedTables[section]}.<name>.${key}` : `${section}.${key}`;
    }),
  );
}

/** The key that is meant: itself where it is one, else the nearest; null where nothing is near. */
export function nearestKey(text: string): string | null {
  return 'problem' in keyOf(text) ? near(text, allKeys()) : text;
}

function near(text: string, known: readonly string[]): string | null {
  return known.find((key) => key.endsWith(`.${text}`)) ?? nearest(text, known);
}

function unknown(text: string): { readonly problem: string; readonly hint: string } {
  const known = allKeys();
  const meant = near(text, known);
  const hint = meant ? `did you mean \`${meant}\`?` : `keys: ${known.join(', ')}`;
  return { problem: `there is no key \`${text}\``, hint };
}
