/** `retry:` of a step: conditions, overrides, and the order that they must have. */
import { nearest } from '../diagnostic.ts';
import { type Entries, open, type Reading, take } from './entries.ts';
import { keysOf, keysWith } from './fields.ts';
import { findGate } from './gates.ts';
import { listed } from './problems.ts';
import { readInputs, readPromptValue, type StepReading, withPairs } from './received.ts';
import { type Pair, quoted, type Tree } from './tree.ts';
import { wrong } from './values.ts';
import type { Gate, RetryCondition, RetryEntry, RetryOverrides, StepKind } from './workflow.ts';

const conditions = keysWith('retry', 'condition');
const overrides = keysWith('retry', 'override');

interface Owner {
  readonly kind: StepKind;
  readonly gates: readonly Gate[];
}

/** The entries in order; empty where there is no `retry:`. What is wrong is told and left out. */
export function readRetry(reading: StepReading, pair: Pair | null, owner: Owner): readonly RetryEntry[] {
  if (!pair) return [];
  if (pair.value.kind !== 'list') {
    wrong(pair, reading.problems, 'is a list of entries', 'write `retry: [{exit: 3}]`');
    return [];
  }
  const read = pair.value.items.map((item, index) => readEntry(reading, item, { index, owner }));
  const entries = read.flatMap((entry) => entry ?? []);
  const broken = pair.value.items.filter((_, index) => read[index] === null);
  if (broken.length > 0) reading.unsure.add('gates');
  checkOrder(reading, entries, { pair, mayEnd: broken.some(mayBeExit) });
  return entries;
}

/** Of an entry that was not understood: whether it was meant to be the last one. */
function mayBeExit(tree: Tree): boolean {
  if (tree.kind !== 'mapping' || tree.pairs.length === 0) return true;
  return tree.pairs.some(({ key }) => nearest(key, keysOf('retry')) === 'exit');
}

function readEntry(
  reading: StepReading,
  tree: Tree,
  { index, owner }: { readonly index: number; readonly owner: Owner },
): RetryEntry | null {
  const entries = open(reading, 'retry', tree);
  if (!entries) return null;
  const given = conditions.filter((key) => entries.pairs.has(key));
  const condition = readCondition(reading, entries, { index, given, tree, owner });
  const changes = readOverrides(reading, entries, index);
  if (!given.includes('validate')) tellMisplacedWith(reading, entries);
  if (!condition) return null;
  checkUse(reading, entries, { condition, tree, owner });
  return { condition, overrides: changes, at: tree.at };
}

function readCondition(
  reading: StepReading,
  entries: Entries<'retry'>,
  { index, given, tree, owner }: { index: number; given: readonly string[]; tree: Tree; owner: Owner },
): RetryCondition | null {
  if (given.length !== 1) {
    const list = given.map((key) => `\`${key}\``).join(' and ');
    const message = `a retry entry has exactly one condition, not ${list || 'none'}`;
    const hint = `conditions: ${conditions.join(', ')}`;
    reading.problems.add({ code: 'one-of', at: tree.at, message, hint });
    return null;
  }
  const attempt = take(reading, entries, 'attempt');
  if (attempt !== null) return { kind: 'attempt', attempt };
  const exit = take(reading, entries, 'exit');
  if (exit !== null) return { kind: 'exit', attempt: exit };
  const path = take(reading, entries, 'validate');
  if (path !== null) {
    const inputs = withPairs(reading, entries.pairs.get('with') ?? null);
    return { kind: 'validate', path, with: readInputs(reading, inputs, `retry.${index}.with`) };
  }
  return readNot(reading, entries, owner);
}

function readNot(reading: StepReading, entries: Entries<'retry'>, owner: Owner): RetryCondition | null {
  const name = take(reading, entries, 'not');
  const pair = entries.pairs.get('not');
  if (name === null || !pair) return null;
  const found = findGate(owner.gates, name);
  if (found && 'name' in found) return { kind: 'not', gate: found.name };
  const names = owner.gates.flatMap((gate) => [gate.name, ...(gate.short ? [gate.short] : [])]);
  const near = nearest(name, names);
  const list = listed((found?.ambiguous ?? names).map((one) => `gate.${one}`));
  reading.problems.add({
    code: found ? 'ambiguous-gate' : 'unknown-gate',
    at: pair.value.at,
    message: found
      ? `\`gate.${name}\` could be any of ${list}`
      : `this step has no gate named ${quoted(name)}`,
    hint: found ? 'use a full name' : near ? `did you mean \`gate.${near}\`?` : list && `gates here: ${list}`,
  });
  return null;
}

function readOverrides(reading: StepReading, entries: Entries<'retry'>, index: number): RetryOverrides {
  const agent = take(reading, entries, 'agent');
  const prompt = readPromptValue(reading, take(reading, entries, 'prompt'), `retry.${index}.prompt`);
  const session = take(reading, entries, 'session');
  const worktree = take(reading, entries, 'worktree');
  const agentAt = entries.pairs.get('agent')?.value.at;
  if (agentAt) reading.places[`retry.${index}.agent`] = agentAt;
  return {
    ...(agent === null ? {} : { agent }),
    ...(prompt === null ? {} : { prompt }),
    ...(session === null ? {} : { session }),
    ...(worktree === null ? {} : { worktree }),
  };
}

function tellMisplacedWith(reading: Reading, entries: Entries<'retry'>): void {
  const pair = entries.pairs.get('with');
  if (!pair) return;
  const message = '`with` gives inputs to a `validate` condition, and this entry has none';
  reading.problems.add({ code: 'misplaced-key', at: pair.keyAt, message });
}

/** What an entry may not do where it stands. */
function checkUse(
  reading: Reading,
  entries: Entries<'retry'>,
  { condition, tree, owner }: { condition: RetryCondition; tree: Tree; owner: Owner },
): void {
  const { problems } = reading;
  if (owner.kind === 'group' && condition.kind !== 'exit') {
    const message =
      'the retry of a group has one entry, `exit: N`: the group starts again from its beginning';
    problems.add({ code: 'misplaced-key', at: tree.at, message });
    return;
  }
  const changes = overrides.flatMap((key) => entries.pairs.get(key) ?? []);
  const [first] = changes;
  const isTold = tree.kind === 'mapping' && tree.pairs.length > entries.pairs.size;
  if (condition.kind === 'exit' && first) {
    const message = `\`exit\` ends the retry, so \`${first.key}\` would never apply`;
    problems.add({
      code: 'misplaced-key',
      at: first.keyAt,
      message,
      hint: 'give it an entry of its own before `exit`',
    });
  }
  if (condition.kind !== 'exit' && !first && !isTold) {
    const message = 'this retry entry changes nothing';
    const hint = `give it one of ${overrides.join(', ')}, or remove it`;
    problems.add({ code: 'no-effect', severity: 'warning', at: tree.at, message, hint });
  }
}

function checkOrder(
  reading: Reading,
  entries: readonly RetryEntry[],
  { pair, mayEnd }: { readonly pair: Pair; readonly mayEnd: boolean },
): void {
  const { problems } = reading;
  const exit = entries.findIndex((entry) => entry.condition.kind === 'exit');
  const hint = '`exit: N` says which attempt is the last';
  if (exit < 0 && !mayEnd) {
    problems.add({
      code: 'retry-exit',
      at: pair.keyAt,
      message: '`retry` needs an `exit: N` at its end',
      hint,
    });
  }
  for (const late of exit < 0 ? [] : entries.slice(exit + 1)) {
    const message = 'this retry entry stands behind `exit`, so it would never apply';
    problems.add({ code: 'retry-order', at: late.at, message, hint: 'move it before `exit`' });
  }
  checkAttempts(reading, exit < 0 ? entries : entries.slice(0, exit + 1));
}

function checkAttempts(reading: Reading, entries: readonly RetryEntry[]): void {
  const { problems } = reading;
  const last = entries.at(-1)?.condition;
  const end = last?.kind === 'exit' ? last.attempt : Number.POSITIVE_INFINITY;
  let before = 0;
  for (const { condition, at } of entries) {
    if (condition.kind !== 'attempt') continue;
    const { attempt } = condition;
    if (attempt <= before) {
      const message = `attempt ${attempt} stands behind attempt ${before}; attempt numbers rise`;
      problems.add({ code: 'retry-order', at, message });
    } else if (attempt > end) {
      const message = `attempt ${attempt} never comes: attempt ${end} is the last`;
      problems.add({ code: 'no-effect', severity: 'warning', at, message, hint: 'raise `exit`' });
    }
    before = Math.max(before, attempt);
  }
}
