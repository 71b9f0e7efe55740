/** From the text of gump.toml to data, with every problem of the file at once. */
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { collectProblems } from '../workflow/problems.ts';
import { readAgents } from './agents.ts';
import { type Config, emptyConfig, type Layer, type Said } from './config.ts';
import { type Reading, readEntries, tableOf } from './entries.ts';
import { foreignKeys, type NamedSection, type Section, tableNames } from './fields.ts';
import { readGateway } from './gateway.ts';
import { readToml, type Table } from './toml.ts';

export interface ConfigFile {
  /** As messages name it. */
  readonly file: string;
  readonly text: string;
}

export interface ParsedConfig {
  /** Null where a diagnostic is an error. */
  readonly layer: Layer | null;
  /** In the order of their places. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a configuration file; never throws for what the file says. */
export function parseConfig(file: ConfigFile): ParsedConfig {
  return read(file, (reading, root) => {
    const agents = tableOf(reading, root.entries.get('agents'));
    const gateway = tableOf(reading, root.entries.get('gateway'));
    return {
      root: readRoot(reading, root),
      validation: readTable(reading, root, 'validation'),
      budget: readTable(reading, root, 'budget'),
      error_context: readTable(reading, root, 'error_context'),
      sandbox: readTable(reading, root, 'sandbox'),
      breaker: readTable(reading, root, 'breaker'),
      github: readTable(reading, root, 'github'),
      agents: agents ? readAgents(reading, agents) : {},
      gateway: gateway ? readGateway(reading, gateway) : {},
    };
  });
}

/** Only `[validation]`, as a gate looks at the file of an attempt: what else stands there is not in force. */
export function parseValidationOnly(file: ConfigFile): ParsedConfig {
  return read(file, (reading, root) => {
    return { ...emptyConfig, validation: readTable(reading, root, 'validation') };
  });
}

function read({ file, text }: ConfigFile, take: (reading: Reading, root: Table) => Config): ParsedConfig {
  const source = text.replace(/^\uFEFF/, '');
  const problems = collectProblems(file, source);
  const reading: Reading = { problems, places: new Map() };
  const root = readToml(file, source, problems);
  const config = root ? take(reading, root) : emptyConfig;
  const diagnostics = problems.all();
  const layer = { source: file, config, places: reading.places, lines: problems.lines };
  return { layer: hasErrors(diagnostics) ? null : layer, diagnostics };
}

function readRoot(reading: Reading, root: Table): Said<'root'> {
  const own = [...root.entries.values()].filter(({ key }) => !Object.hasOwn(tableNames, key));
  const isForeign = (key: string) => Object.hasOwn(foreignKeys, key);
  for (const { key, keyAt } of own.filter((entry) => isForeign(entry.key))) {
    const message = `\`${key}\` is not used here: ${foreignKeys[key]}`;
    reading.problems.add({ code: 'not-used', severity: 'warning', at: keyAt, message });
  }
  const ours = own.filter(({ key }) => !isForeign(key));
  return readEntries(reading, ours, { section: 'root' });
}

type TableSection = Exclude<Section, 'root' | NamedSection>;

function readTable<S extends TableSection>(reading: Reading, root: Table, section: S): Said<S> {
  const table = tableOf(reading, root.entries.get(section));
  return table ? readEntries(reading, table.entries.values(), { section }) : ({} as Said<S>);
}
