/** The tables of the page about configuration, made of its table of fields. */
import { variables } from '../src/config/environment.ts';
import {
  type Field,
  fields,
  type Section,
  sectionDocs,
  sectionNames,
  sections,
} from '../src/config/fields.ts';

export const configTables = {
  'configuration keys': () => sections.flatMap(sectionPart),
  'configuration variables': variableTable,
} as const satisfies Readonly<Record<string, () => readonly string[]>>;

const code = (text: string): string => `\`${text}\``;

function sectionPart(section: Section): readonly string[] {
  const rows = Object.entries<Field>(fields[section]).map(([key, field]) => row(key, field));
  const title = section === 'root' ? 'At the top' : code(sectionNames[section]);
  return [
    `### ${title}`,
    '',
    sectionDocs[section],
    '',
    '| key | example | without it | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
    '',
  ];
}

function row(key: string, field: Field): string {
  const also = field.alias === undefined ? '' : ` (also ${code(field.alias)})`;
  const meaning = field.reserved === undefined ? field.doc : `Not supported yet: ${field.reserved}.`;
  return `| ${code(key)}${also} | ${code(field.example)} | ${field.default} | ${meaning} |`;
}

function variableTable(): readonly string[] {
  const rows = variables.map(({ variable, section, key, field }) => {
    const path = section === 'root' ? key : `${section}.${key}`;
    return `| ${code(variable)} | ${code(path)} | ${field.option === undefined ? '' : code(field.option)} |`;
  });
  return ['| variable | key | option of `gump run` |', '| --- | --- | --- |', ...rows];
}
