/** The tables of the reference page, made of the sources. */
import { limits } from '../src/limits.ts';
import { knownFamilies } from '../src/workflow/agent-names.ts';
import { type Field, fieldOf, keysOf, type Place, reservedTypes } from '../src/workflow/fields.ts';
import { formWords } from '../src/workflow/forms.ts';
import { type NameGroupId, templateNames, writtenNames } from '../src/workflow/template-names.ts';
import type { StepKind } from '../src/workflow/workflow.ts';
import { configTables } from './config-tables.ts';

export const tables = {
  root: () => keyTable('root'),
  step: () => keyTable('step', { without: [...keysOf('get'), ...keysOf('run')] }),
  get: () => keyTable('get'),
  run: () => keyTable('run'),
  context: () => keyTable('context'),
  guard: () => keyTable('guard'),
  gate: () => keyTable('gate'),
  'retry conditions': () => keyTable('retry', { role: 'condition' }),
  'retry overrides': () => keyTable('retry', { role: 'override' }),
  'reserved types': () => [
    `${reservedTypes.map(code).join(', ')}: reserved for later versions; “not supported yet”.`,
  ],
  families: () => [`Families: ${knownFamilies.map(code).join(', ')}.`],
  names: nameTable,
  limits: limitTable,
  ...configTables,
} as const satisfies Readonly<Record<string, () => readonly string[]>>;

export type TableName = keyof typeof tables;

const code = (text: string): string => `\`${text}\``;

interface Selection {
  readonly without?: readonly string[];
  readonly role?: Field['role'];
}

/** The keys of a place: what may be written, what leaving it out means, which kinds of steps may say it. */
function keyTable(place: Place, { without = [], role }: Selection = {}): readonly string[] {
  const fields = keysOf(place).flatMap((key) => {
    const field = fieldOf(place, key);
    const isShown = field && !without.includes(key) && (role === undefined || field.role === role);
    return isShown ? [{ key, field }] : [];
  });
  const hasKinds = fields.some(({ field }) => field.kinds);
  const hasDefaults = fields.some(({ field }) => field.default || field.required);
  const head = ['key', 'value', ...(hasDefaults ? ['default'] : []), ...(hasKinds ? ['in'] : []), 'meaning'];
  const rows = fields.map(({ key, field }) => [
    code(key),
    formWords(field.type),
    ...(hasDefaults ? [field.required ? '**required**' : (field.default ?? '')] : []),
    ...(hasKinds ? [kindsOf(field.kinds)] : []),
    field.deprecated ? `Deprecated and not read: ${field.deprecated}.` : field.doc,
  ]);
  return table(head, rows);
}

const kindWords: Readonly<Record<StepKind, string>> = {
  code: 'code',
  split: 'split',
  validate: 'validate',
  gates: 'gates only',
  group: 'group',
  call: 'call',
};

function kindsOf(kinds: readonly StepKind[] | undefined): string {
  return kinds ? kinds.map((kind) => kindWords[kind]).join(', ') : 'all';
}

function nameTable(): readonly string[] {
  const rows = (Object.keys(templateNames) as NameGroupId[]).flatMap((group) =>
    writtenNames(group).map(([name, doc]) => [code(name), templateNames[group].where, doc]),
  );
  return table(['name', 'where', 'value'], rows);
}

/** Limits that a workflow, a spec or an agent's answer can meet. */
const shownLimits: readonly (readonly [keyof typeof limits, string])[] = [
  ['workflowBytesMax', 'a workflow file, and a prompt file'],
  ['yamlDepthMax', 'levels of nesting in a workflow file'],
  ['yamlTokensMax', 'pieces of a workflow file: words, marks, line ends'],
  ['yamlNodesMax', 'values in a workflow file, aliases expanded'],
  ['yamlAliasesMax', 'aliases in a workflow file'],
  ['diagnosticsMax', 'problems that are listed for one file; the rest is counted'],
  ['nameCharactersMax', 'characters of a name'],
  ['titleCharactersMax', "characters of the workflow's own name"],
  ['pathCharactersMax', 'characters of a path in a workflow file or a task'],
  ['specBytesMax', 'a spec'],
  ['tasksMax', 'tasks of one split'],
  ['parallelDefault', 'tasks at once, where `max_parallel` says nothing else'],
  ['attemptTimeoutMs', 'one attempt, where no guard says otherwise'],
  ['idleTimeoutMs', 'an agent that gives no sign of life, where no guard says otherwise'],
  ['gateTimeoutMs', 'one gate'],
  ['contextCommandTimeoutMs', 'a `bash:` of `context`'],
  ['contextBytesMax', 'one entry of `context`; head and tail are kept'],
  ['diffContextBytesMax', 'a diff in a prompt; head and tail are kept, whole lines'],
  ['errorContextBytesMax', 'an error in a prompt; head and tail are kept, whole lines'],
  ['outputBytesMax', "an agent's final text"],
  ['resultBytesMax', 'a task list or a verdict'],
];

function limitTable(): readonly string[] {
  return table(
    ['limit', 'of'],
    shownLimits.map(([name, what]) => [amountOf(name, limits[name]), what]),
  );
}

/** By the unit at the end of the limit's name. */
function amountOf(name: string, value: number): string {
  if (name.endsWith('BytesMax'))
    return value >= 1024 ** 2 ? `${value / 1024 ** 2} MiB` : `${value / 1024} KiB`;
  if (name.endsWith('Ms')) return value >= 60_000 ? `${value / 60_000} minutes` : `${value / 1000} seconds`;
  return value.toLocaleString('en-US');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): readonly string[] {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
