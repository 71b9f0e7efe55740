/** The commented gump.toml that `gump init` writes: every key as a comment, so that it says nothing until somebody wants it. */
import {
  type Field,
  fields,
  isNamed,
  namedTables,
  type Section,
  sectionDocs,
  sectionNames,
  sections,
} from './fields.ts';

export function sampleFile(): string {
  return [...wrapped(head), '', ...sections.flatMap(sectionLines)].join('\n');
}

const head =
  'What runs of gump in this repository go by; every line is a comment until you take its `#` away. `gump config` shows what is in force and from where, `gump config set KEY VALUE` changes one key, `gump doctor` checks all of it.';

function sectionLines(section: Section): string[] {
  const known = Object.entries<Field>(fields[section]).filter(([, { reserved }]) => reserved === undefined);
  const keys = known.flatMap(([key, field]) => [...wrapped(about(field)), `# ${key} = ${field.example}`, '']);
  if (section === 'root') return keys;
  // An agent or upstream that says nothing is a mistake, so its table is a comment too.
  const header = isNamed(section) ? `# [${namedTables[section]}.mine]` : sectionNames[section];
  return [...wrapped(sectionDocs[section]), header, ...keys];
}

function about({ doc, default: otherwise, variable }: Field): string {
  const also = variable === undefined ? '' : ` (${variable} says the same.)`;
  return `${doc} Without it: ${otherwise}.${also}`.replaceAll('`', '');
}

const columns = 100;

/** As comment lines, broken between words. */
function wrapped(text: string): string[] {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const last = lines.at(-1);
    if (last !== undefined && last.length + word.length < columns)
      lines[lines.length - 1] = `${last} ${word}`;
    else lines.push(`# ${word}`);
  }
  return lines;
}
