/** `gate:` of a step, and what its gates are called. */
import { nearest } from '../diagnostic.ts';
import { open, type Reading, take } from './entries.ts';
import { fieldOf, keysOf } from './fields.ts';
import { readInputs, type StepReading, withPairs } from './received.ts';
import { describe, type Mapping, type Pair, quoted, type Scalar, type Tree } from './tree.ts';
import { wrong } from './values.ts';
import type { Gate, GateKind } from './workflow.ts';

const gateKinds = keysOf('gate').filter((key) => key !== 'name') as readonly GateKind[];

interface Draft {
  readonly kind: GateKind;
  readonly argument: string | null;
  readonly inputs: Readonly<Record<string, string>>;
  /** From `name:`, else null. */
  readonly given: string | null;
  readonly tree: Tree;
}

/** The gates of a step in order, named; wrong ones are told and left out. */
export function readGates(reading: StepReading, pair: Pair | null): readonly Gate[] {
  if (!pair) return [];
  if (pair.value.kind !== 'list') {
    const hint =
      pair.value.kind === 'scalar' && pair.value.text ? `write \`gate: [${pair.value.text}]\`` : undefined;
    wrong(pair, reading.problems, 'is a list of gates', hint);
    reading.unsure.add('gates');
    return [];
  }
  if (pair.value.items.length === 0)
    wrong(pair, reading.problems, 'is a list of at least one gate', 'or leave it out');
  const drafts = pair.value.items.flatMap((item, index) => readGate(reading, item, `gate.${index}`) ?? []);
  if (drafts.length < pair.value.items.length) reading.unsure.add('gates');
  return nameGates(reading, drafts);
}

function readGate(reading: StepReading, tree: Tree, place: string): Draft | null {
  if (tree.kind === 'scalar') return readWord(reading, tree);
  if (tree.kind === 'mapping') return readEntry(reading, tree, place);
  reading.problems.add({
    code: 'wrong-type',
    at: tree.at,
    message: 'a gate is a word or a mapping, not a list',
  });
  return null;
}

function readWord(reading: Reading, tree: Scalar): Draft | null {
  const kind = gateKinds.find((candidate) => candidate === tree.text);
  if (kind && fieldOf('gate', kind)?.type === 'none')
    return { kind, argument: null, inputs: {}, given: null, tree };
  if (tree.text === '') {
    reading.problems.add({ code: 'missing-value', at: tree.at, message: 'this entry of `gate:` is empty' });
    return null;
  }
  const message = kind ? `the gate \`${kind}\` needs a value` : `unknown gate ${describe(tree)}`;
  reading.problems.add({
    code: kind ? 'missing-value' : 'unknown-gate',
    at: tree.at,
    message,
    hint: wordHint(tree.text, kind),
  });
  return null;
}

const examples: Readonly<Partial<Record<GateKind, string>>> = {
  coverage: '- coverage: 80',
  touched: '- touched: "*.test.ts"',
  untouched: '- untouched: "*.lock"',
  bash: '- bash: npm run check',
  validate: '- validate: validators/arch-review',
};

function wordHint(word: string, kind: GateKind | undefined): string {
  if (kind) return `write \`${examples[kind]}\``;
  if (word.includes('/')) return `write \`- validate: ${word}\` for a validator`;
  const near = nearest(word, gateKinds);
  return near ? `did you mean \`${near}\`?` : `gates: ${gateKinds.join(', ')}`;
}

function readEntry(reading: StepReading, tree: Mapping, place: string): Draft | null {
  const isValidator = tree.pairs.some((pair) => pair.key === 'validate');
  return isValidator ? readValidator(reading, tree, place) : readMeasure(reading, tree, place);
}

/** Every key beside `validate` and `name` is an input; a mapping under `with` is understood as more of them. */
function readValidator(reading: StepReading, tree: Mapping, place: string): Draft | null {
  const isOwn = (pair: Pair): boolean => pair.key === 'validate' || pair.key === 'name';
  const isGroup = (pair: Pair): boolean => pair.key === 'with' && pair.value.kind === 'mapping';
  const entries = open(reading, 'gate', { ...tree, pairs: tree.pairs.filter(isOwn) });
  const flat = tree.pairs.filter((pair) => !isOwn(pair) && !isGroup(pair));
  const grouped = withPairs(reading, tree.pairs.find(isGroup) ?? null);
  for (const pair of grouped.filter((one) => flat.some((other) => other.key === one.key))) {
    const message = `the input ${quoted(pair.key)} is given twice: beside \`with:\` and in it`;
    reading.problems.add({ code: 'duplicate-key', at: pair.keyAt, message });
  }
  const inputs = readInputs(reading, [...flat, ...grouped], place);
  const argument = entries && take(reading, entries, 'validate');
  const given = entries && take(reading, entries, 'name');
  return argument === null ? null : { kind: 'validate', argument, inputs, given, tree };
}

function readMeasure(reading: StepReading, tree: Mapping, place: string): Draft | null {
  const entries = open(reading, 'gate', tree);
  const kinds = gateKinds.filter((kind) => entries?.pairs.has(kind));
  const [kind, ...others] = kinds;
  if (!entries || !kind) {
    const isEmpty = tree.pairs.every((pair) => pair.key === 'name');
    const message = 'this gate names no kind of gate';
    const hint = `gates: ${gateKinds.join(', ')}`;
    if (isEmpty) reading.problems.add({ code: 'missing-key', at: tree.at, message, hint });
    return null;
  }
  if (others.length > 0) {
    const message = `one entry is one gate, not ${kinds.map((one) => `\`${one}\``).join(' and ')}`;
    reading.problems.add({ code: 'one-of', at: tree.at, message, hint: 'give each an entry of its own' });
    return null;
  }
  const value = take(reading, entries, kind);
  const given = take(reading, entries, 'name');
  const at = entries.pairs.get(kind)?.value.at;
  if (at) reading.places[place] = at;
  if (value === null) return null;
  return { kind, argument: value === true ? null : String(value), inputs: {}, given, tree };
}

/** A given name as it is, else the type or the validator's last segment, `_2` behind a repeated one. */
function nameGates(reading: Reading, drafts: readonly Draft[]): readonly Gate[] {
  const taken = new Set<string>();
  for (const { given, tree } of drafts) {
    if (given === null) continue;
    if (taken.has(given)) {
      reading.problems.add({
        code: 'duplicate-name',
        at: tree.at,
        message: `two gates of this step are named ${quoted(given)}`,
      });
    }
    taken.add(given);
  }
  const names = drafts.map((draft) => draft.given ?? freeName(baseName(draft), taken));
  const shorts = drafts.map((draft) => (draft.given === null ? shortName(draft) : null));
  const isFree = (short: string | null): boolean =>
    short !== null && !taken.has(short) && shorts.filter((other) => other === short).length === 1;
  return drafts.map(({ kind, argument, inputs, tree }, index) => {
    const short = shorts[index] ?? null;
    return {
      name: names[index] ?? kind,
      short: isFree(short) ? short : null,
      kind,
      argument,
      inputs,
      at: tree.at,
    };
  });
}

/** The name, with `_2` or the next number behind it where it is taken; taken from then on. */
export function freeName(base: string, taken: Set<string>): string {
  let name = base;
  for (let count = 2; taken.has(name); count++) name = `${base}_${count}`;
  taken.add(name);
  return name;
}

function baseName({ kind, argument }: Pick<Draft, 'kind' | 'argument'>): string {
  return kind === 'validate' ? validatorName(argument ?? '') : kind;
}

/** The last segment of its path, as a name. */
export function validatorName(path: string): string {
  const segment = path.split('/').at(-1) ?? '';
  return segment.replace(/\.ya?ml$/, '').replace(/[^\w-]/g, '_');
}

/** `arch-review` → `review`; null where there is nothing shorter. */
function shortName(draft: Pick<Draft, 'kind' | 'argument'>): string | null {
  const base = baseName(draft);
  const dash = draft.kind === 'validate' ? base.lastIndexOf('-') : -1;
  return dash < 0 || dash === base.length - 1 ? null : base.slice(dash + 1);
}

/**
 * Which gate `gate.<name>` means: by its name, else by its short name.
 * `ambiguous` names those that share the short name; null where there is none of that name.
 */
export function findGate(
  gates: readonly Gate[],
  name: string,
): Gate | { readonly ambiguous: readonly string[] } | null {
  const exact = indexOf(gates).get(name);
  if (exact) return exact;
  const sharing = gates.filter((gate) => shortName(gate) === name && gate.name.startsWith(baseName(gate)));
  return sharing.length > 1 ? { ambiguous: sharing.map((gate) => gate.name) } : null;
}

/** Thousands of names may be looked up in one list. */
const indexes = new WeakMap<readonly Gate[], ReadonlyMap<string, Gate>>();

/** By short name and, which goes first, by name. */
function indexOf(gates: readonly Gate[]): ReadonlyMap<string, Gate> {
  const known = indexes.get(gates);
  if (known) return known;
  const shorts = gates.flatMap((gate) => (gate.short === null ? [] : [[gate.short, gate] as const]));
  const made = new Map([...shorts, ...gates.toReversed().map((gate) => [gate.name, gate] as const)]);
  indexes.set(gates, made);
  return made;
}
