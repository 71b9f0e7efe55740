/** One reader per type of value: from a pair of the file to data, or null with a problem that says what is expected. */
import { nearest } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import { containedName } from './contained.ts';
import { parseDuration } from './duration.ts';
import { type FieldType, reservedTypes, stepTypes } from './fields.ts';
import { forms } from './forms.ts';
import type { Problems } from './problems.ts';
import { isStepName, nameRule } from './step-name.ts';
import { describe, type Pair, quoted, type Tree } from './tree.ts';
import type { Step, WorktreeAccess } from './workflow.ts';

/** What each type of value becomes; structured ones stay a pair and are read by the file of their name. */
export interface Values {
  readonly title: string;
  readonly name: string;
  readonly kind: (typeof stepTypes)[number];
  readonly text: string;
  readonly usd: number;
  readonly count: number;
  readonly duration: number;
  readonly boolean: boolean;
  readonly percent: number;
  readonly path: string;
  readonly gate: string;
  readonly worktree: WorktreeAccess;
  readonly hitl: Step['hitl'];
  readonly reset: 'reset';
  readonly fresh: 'new';
  readonly none: true;
  readonly ignored: Pair;
  readonly prompt: Pair;
  readonly context: Pair;
  readonly session: Pair;
  readonly guard: Pair;
  readonly gates: Pair;
  readonly retry: Pair;
  readonly steps: Pair;
  readonly inputs: Pair;
  readonly block: Pair;
}

type Reader<T> = (pair: Pair, problems: Problems) => T | null;

const asPair: Reader<Pair> = (pair) => pair;

export const readers: { readonly [T in FieldType]: Reader<Values[T]> } = {
  title: readTitle,
  name: readName,
  kind: readKind,
  text: readText,
  usd: readUsd,
  count: readCount,
  duration: readDuration,
  boolean: readBoolean,
  percent: readPercent,
  path: readPath,
  gate: readGateName,
  worktree: readOne(forms.worktree.oneOf),
  hitl: readHitl,
  reset: readOne(forms.reset.oneOf),
  fresh: readOne(forms.fresh.oneOf),
  none: readNone,
  ignored: asPair,
  prompt: asPair,
  context: asPair,
  session: asPair,
  guard: asPair,
  gates: asPair,
  retry: asPair,
  steps: asPair,
  inputs: asPair,
  block: asPair,
};

/** Text of a scalar that is not empty; numbers and booleans as they are written. */
function readText(pair: Pair, problems: Problems): string | null {
  const { value } = pair;
  if (value.kind === 'scalar' && value.text.trim() !== '') return value.text;
  return wrong(pair, problems, 'is text');
}

function readTitle(pair: Pair, problems: Problems): string | null {
  const text = readText(pair, problems)?.trim() ?? null;
  if (text === null) return null;
  if (!/[\n\r]/.test(text) && text.length <= limits.titleCharactersMax) return text;
  return wrong(pair, problems, `is one line of at most ${limits.titleCharactersMax} characters`);
}

function readName(pair: Pair, problems: Problems): string | null {
  const text = readText(pair, problems);
  if (text === null) return null;
  if (isStepName(text)) return text;
  return wrong(pair, problems, `is a name: ${nameRule}`, 'names become paths, branches and variable names');
}

function readKind(pair: Pair, problems: Problems): Values['kind'] | null {
  const text = readText(pair, problems);
  if (text === null) return null;
  const known = stepTypes.find((type) => type === text);
  if (known) return known;
  const at = pair.value.at;
  if (reservedTypes.includes(text)) {
    const message = `the step type ${quoted(text)} is not supported yet`;
    problems.add({ code: 'reserved-type', at, message, hint: `types: ${stepTypes.join(', ')}` });
    return null;
  }
  const near = nearest(text, stepTypes);
  const hint = near ? `did you mean \`${near}\`?` : (kindHints[text] ?? `types: ${stepTypes.join(', ')}`);
  problems.add({ code: 'unknown-type', at, message: `unknown step type ${quoted(text)}`, hint });
  return null;
}

const kindHints: Readonly<Record<string, string>> = {
  gate: 'a step with `gate:` and nothing else needs no type',
  gates: 'a step with `gate:` and nothing else needs no type',
  group: 'a step with `steps:` needs no type',
  workflow: 'a step with `workflow:` needs no type',
  call: 'a step with `workflow:` needs no type',
};

function readUsd(pair: Pair, problems: Problems): number | null {
  const number = numberOf(pair.value);
  if (number !== null && number > 0) return number;
  return wrong(pair, problems, 'is an amount in USD greater than 0, such as `20.00`');
}

function readCount(pair: Pair, problems: Problems): number | null {
  const number = numberOf(pair.value);
  if (number !== null && Number.isSafeInteger(number) && number > 0) return number;
  return wrong(pair, problems, 'is a whole number greater than 0');
}

function readPercent(pair: Pair, problems: Problems): number | null {
  const number = numberOf(pair.value);
  if (number !== null && number > 0 && number <= 100) return number;
  return wrong(pair, problems, 'is a percentage between 0 and 100');
}

function numberOf(tree: Tree): number | null {
  if (tree.kind !== 'scalar') return null;
  const isPlain = typeof tree.value === 'number' || /^\d+(\.\d+)?$/.test(tree.text);
  const number = Number(tree.value);
  return isPlain && Number.isFinite(number) ? number : null;
}

function readDuration(pair: Pair, problems: Problems): number | null {
  const text = pair.value.kind === 'scalar' ? pair.value.text : '';
  const ms = parseDuration(text);
  if (ms !== null && ms <= limits.durationMsMax) return ms;
  if (ms !== null) return wrong(pair, problems, 'is at most 596h');
  const hint = /^\d+$/.test(text) ? `write \`${text}s\` for seconds or \`${text}m\` for minutes` : undefined;
  return wrong(pair, problems, 'is a duration such as `90s`, `30m`, `2h` or `1h30m`', hint);
}

function readBoolean(pair: Pair, problems: Problems): boolean | null {
  const value = pair.value.kind === 'scalar' ? pair.value.value : null;
  return typeof value === 'boolean' ? value : wrong(pair, problems, 'is `true` or `false`');
}

function readHitl(pair: Pair, problems: Problems): Step['hitl'] {
  const value = pair.value.kind === 'scalar' ? pair.value.value : null;
  if (value === true) return 'before_gate';
  if (value === false) return null;
  const word = forms.hitl.oneOf.find((one) => one === value);
  if (word) return word;
  return wrong(pair, problems, 'is `before_gate` (also `true`) or `after_gate`');
}

function readOne<T extends string>(words: readonly T[]): Reader<T> {
  return (pair, problems) => {
    const text = pair.value.kind === 'scalar' ? pair.value.text : '';
    const word = words.find((candidate) => candidate === text);
    if (word) return word;
    const near = nearest(text, words);
    const list = words.map((candidate) => `\`${candidate}\``).join(', ');
    return wrong(
      pair,
      problems,
      words.length > 1 ? `is one of ${list}` : `can only be ${list}`,
      near && `did you mean \`${near}\`?`,
    );
  };
}

function readNone(pair: Pair, problems: Problems): true | null {
  const value = pair.value.kind === 'scalar' ? pair.value.value : 'something';
  if (value === null || value === true) return true;
  return wrong(pair, problems, 'takes no value', `write \`- ${pair.key}\``);
}

function readPath(pair: Pair, problems: Problems): string | null {
  const text = readText(pair, problems);
  if (text === null) return null;
  const why = containedName(text);
  if (why === null) return text;
  problems.add({ code: 'bad-path', at: pair.value.at, message: `${quoted(text)} is no path here: ${why}` });
  return null;
}

/** The name behind `gate.`; whether the step has such a gate is for the reader of the entry to say. */
function readGateName(pair: Pair, problems: Problems): string | null {
  const text = readText(pair, problems);
  if (text === null) return null;
  const name = new RegExp(forms.gate.pattern).exec(text)?.[1];
  if (name) return name;
  const hint = isStepName(text) ? `write \`not: gate.${text}\`` : undefined;
  return wrong(pair, problems, 'is `gate.<name>`', hint);
}

/** Adds "`key` <rule>, not <value>" and gives null. */
export function wrong(pair: Pair, problems: Problems, rule: string, hint?: string | null): null {
  const message = `\`${pair.key}\` ${rule}, not ${describe(pair.value)}`;
  problems.add({ code: 'wrong-type', at: pair.value.at, message, hint: hint ?? undefined });
  return null;
}
