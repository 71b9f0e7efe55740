/** Keys as people type them: `default_agent`, `budget.max_budget`, `agents.mine.command`. */
import { nearest } from '../diagnostic.ts';
import { type Field, fieldOf, keysOf, type Section, sections } from './fields.ts';
import { isAgentName } from './values.ts';

export interface Key {
  readonly section: Section;
  readonly name: string;
  readonly field: Field;
  /** The name in `[agents.<name>]`; null for every other section. */
  readonly agent: string | null;
}

/** The key that a text means, by its name or its alias; or why it means none. */
export function keyOf(text: string): Key | { readonly problem: string; readonly hint: string } {
  const parts = text.split('.');
  const name = parts.at(-1) ?? '';
  const isAgents = parts[0] === 'agents' && parts.length > 2;
  const section: Section | undefined = isAgents ? 'agent' : parts.length === 1 ? 'root' : sectionOf(parts);
  const found = section && fieldOf(section, name);
  if (!section || !found) return unknown(text);
  const agent = isAgents ? parts.slice(1, -1).join('.') : null;
  if (agent !== null && !isAgentName(agent)) {
    return {
      problem: `\`${agent}\` cannot be the name of an agent`,
      hint: 'for example agents.mine.command',
    };
  }
  return { section, name: found.name, field: found.field, agent };
}

function sectionOf([table, ...rest]: readonly string[]): Section | undefined {
  return rest.length === 1
    ? sections.find((one) => one === table && one !== 'root' && one !== 'agent')
    : undefined;
}

/** Every key, those of agents with `<name>` for theirs. */
export function allKeys(): readonly string[] {
  return sections.flatMap((section) =>
    keysOf(section).map((key) => {
      if (section === 'root') return key;
      return section === 'agent' ? `agents.<name>.${key}` : `${section}.${key}`;
    }),
  );
}

function unknown(text: string): { readonly problem: string; readonly hint: string } {
  const known = allKeys();
  const within = known.find((key) => key.endsWith(`.${text}`));
  const near = within ?? nearest(text, known);
  const hint = near ? `did you mean \`${near}\`?` : `keys: ${known.join(', ')}`;
  return { problem: `there is no key \`${text}\``, hint };
}
