/** Steps: which kind each is, which keys it may have, and what they say. */
import { nearest, type Position } from '../diagnostic.ts';
import { type Entries, need, open, take } from './entries.ts';
import { fieldOf, keysOf, type Place, stepTypes } from './fields.ts';
import { readGates } from './gates.ts';
import {
  readContext,
  readInputs,
  readPromptValue,
  readSession,
  type StepReading,
  withPairs,
} from './received.ts';
import { readRetry } from './retry.ts';
import { type Pair, quoted, type Tree } from './tree.ts';
import { wrong } from './values.ts';
import type { Guard, Step, StepKind } from './workflow.ts';

/** The steps of a list, those that can be read; names are unique among them. */
export function readSteps(reading: StepReading, pair: Pair | null): readonly Step[] {
  if (!pair) return [];
  const { problems } = reading;
  if (pair.value.kind !== 'list' || pair.value.items.length === 0) {
    wrong(pair, problems, 'is a list of at least one step', 'write `- name: …` below it');
    reading.unsure.add('names');
    return [];
  }
  const steps = pair.value.items.flatMap((item) => readStep({ ...reading, places: {} }, item) ?? []);
  if (steps.length < pair.value.items.length) reading.unsure.add('names');
  const first = new Map<string, Step>();
  for (const step of steps) {
    const other = first.get(step.name);
    if (other && step.name !== '') {
      const message = `two steps here are named ${quoted(step.name)}; the first is in line ${other.at.line}`;
      problems.add({ code: 'duplicate-name', at: nameAt(step, other), message });
    }
    if (!other) first.set(step.name, step);
  }
  return steps;
}

/** Where its name stands; of an alias, whose name stands where the first one's does, the alias itself. */
function nameAt(step: Step, first: Step): Position {
  const at = step.places?.name ?? step.at;
  const other = first.places?.name;
  return at.line === other?.line && at.column === other.column ? step.at : at;
}

function readStep(reading: StepReading, tree: Tree): Step | null {
  const own = open(reading, 'step', tree);
  if (!own) return null;
  const entries = withBlocks(reading, own);
  need(reading, entries, { key: 'name', tree });
  const kind = kindOf(reading, entries, tree);
  const name = take(reading, entries, 'name') ?? '';
  const nameAt = entries.pairs.get('name')?.value.at;
  if (nameAt) reading.places.name = nameAt;
  noteUnsure(reading, tree, { kind, name });
  const guessed = kind ?? guessedKind(entries);
  if (kind) checkKeys(reading, entries, { kind, tree });
  const gates = readGates(reading, take(reading, entries, 'gate'));
  if (kind) tellSchemaGates(reading, gates, kind);
  return {
    name,
    kind: guessed,
    at: tree.at,
    ...readGet(reading, entries, guessed),
    ...readRun(reading, entries, guessed),
    gates,
    retry: readRetry(reading, take(reading, entries, 'retry'), { kind: guessed, gates }),
    each: readSteps(reading, take(reading, entries, 'each')),
    steps: readSteps(reading, take(reading, entries, 'steps')),
    parallel: take(reading, entries, 'parallel') ?? false,
    places: reading.places,
  };
}

/** Of a step whose keys or type do not say it: what it most likely is, so that the rest of it is checked too. */
function guessedKind({ pairs }: Entries<'step'>): StepKind {
  if (pairs.has('each')) return 'split';
  const type = pairs.get('type')?.value;
  return (type?.kind === 'scalar' ? (nearest(type.text, stepTypes) as StepKind | null) : null) ?? 'code';
}

/** Without a name, and behind a key that may be a misspelt one of these, nobody knows which steps give what; without a kind, what this one gives. */
function noteUnsure(
  { unsure }: StepReading,
  tree: Tree,
  { kind, name }: { readonly kind: StepKind | null; readonly name: string },
): void {
  const unknown = tree.kind === 'mapping' ? tree.pairs.filter(({ key }) => !fieldOf('step', key)) : [];
  const meant = unknown.map(({ key }) => nearest(key, keysOf('step')));
  const isHidden = meant.some(
    (key) => key === 'each' || key === 'steps' || key === 'workflow' || key === 'get',
  );
  if (name === '' || isHidden) unsure.add('names');
  else if (kind === null) unsure.add(`step ${name}`);
  if (meant.includes('gate')) unsure.add('gates');
}

/** The step's keys with those of `get:` and `run:` among them; a key in two places, or beside its block, is told. */
function withBlocks(reading: StepReading, own: Entries<'step'>): Entries<'step'> {
  const pairs = new Map(own.pairs);
  for (const place of ['get', 'run'] as const) {
    const block = pairs.get(place);
    if (!block) continue;
    const inner = open(reading, place, block.value);
    for (const key of keysOf(place)) {
      const flat = own.pairs.get(key);
      const within = inner?.pairs.get(key);
      // `with` may stand beside the block that says what is called.
      if (flat && (key !== 'with' || within)) tellBeside(reading, flat, { place, within });
      if (within) pairs.set(key, within);
    }
  }
  return { place: 'step', pairs };
}

function tellBeside(
  reading: StepReading,
  flat: Pair,
  { place, within }: { place: Place; within: Pair | undefined },
): void {
  const message = within
    ? `\`${flat.key}\` is given twice: here and in \`${place}:\` (line ${within.keyAt.line})`
    : `\`${flat.key}\` stands beside \`${place}:\`, where it belongs`;
  const hint = within ? 'remove one of them' : `move it into \`${place}:\``;
  reading.problems.add({ code: 'two-places', at: flat.keyAt, message, hint });
}

/** The kind that the keys say; null (with a problem) where they say none. */
function kindOf(reading: StepReading, entries: Entries<'step'>, tree: Tree): StepKind | null {
  const { pairs } = entries;
  if (pairs.has('type')) return take(reading, entries, 'type');
  if (pairs.has('steps')) return 'group';
  if (pairs.has('each')) return untyped(reading, tree, 'each');
  if (pairs.has('prompt')) return untyped(reading, tree, 'prompt');
  if (pairs.has('workflow')) return 'call';
  if (pairs.has('gate')) return 'gates';
  const message = 'this step does nothing: it has no `type`, `steps`, `workflow` or `gate`';
  reading.problems.add({ code: 'missing-kind', at: tree.at, message });
  return null;
}

function untyped(reading: StepReading, tree: Tree, because: 'each' | 'prompt'): null {
  const message = `this step needs a \`type\`, since it has \`${because}\``;
  const hint =
    because === 'each' ? 'write `type: split`' : 'write `type: code`, `type: split` or `type: validate`';
  reading.problems.add({ code: 'missing-key', at: tree.at, message, hint });
  return null;
}

const kindNames: Readonly<Record<StepKind, string>> = {
  code: 'a code step',
  split: 'a split',
  validate: 'a validate step',
  gates: 'a step of gates only',
  group: 'a group',
  call: 'a call',
};

/** Keys that do not belong to this kind, and keys that it cannot do without. */
function checkKeys(
  reading: StepReading,
  entries: Entries<'step'>,
  { kind, tree }: { readonly kind: StepKind; readonly tree: Tree },
): void {
  for (const pair of entries.pairs.values()) {
    const kinds = fieldOf('step', pair.key)?.kinds;
    if (!kinds || kinds.includes(kind)) continue;
    const message = `\`${pair.key}\` does not belong to ${kindNames[kind]}`;
    reading.problems.add({
      code: 'misplaced-key',
      at: pair.keyAt,
      message,
      hint: misplacedHint(pair.key, kind),
    });
  }
  if (kind === 'split')
    need(reading, entries, { key: 'each', tree, why: 'a split has a body that runs once per task' });
  const needsPrompt = kind === 'code' || kind === 'split' || kind === 'validate';
  const block = entries.pairs.get('get');
  const isReadable = !block || block.value.kind === 'mapping';
  if (needsPrompt && isReadable && !entries.pairs.has('workflow') && !isPassed(entries, kind)) {
    need(reading, entries, { key: 'prompt', tree, why: `${kindNames[kind]} asks an agent` });
  }
  const inputs = entries.pairs.get('with');
  if (inputs && !entries.pairs.has('workflow')) {
    const message = '`with` gives inputs to a called `workflow`, and this step calls none';
    reading.problems.add({ code: 'misplaced-key', at: inputs.keyAt, message });
  }
}

function misplacedHint(key: string, kind: StepKind): string | undefined {
  if (key === 'gate') return 'add a step with `gate:` and nothing else behind it';
  if (key === 'retry')
    return 'put it into a group (`steps:`) with what should be done again, and the retry there';
  if (key === 'each') return 'only `type: split` has `each`';
  if (kind === 'gates') return 'a step with an agent needs a `type`';
  return undefined;
}

/** Nothing is launched for `agent: pass`; only a diff can be judged without. */
function isPassed(entries: Entries<'step'>, kind: StepKind): boolean {
  const agent = entries.pairs.get('agent')?.value;
  return kind === 'code' && agent?.kind === 'scalar' && agent.text === 'pass';
}

function tellSchemaGates(reading: StepReading, gates: Step['gates'], kind: StepKind): void {
  for (const gate of gates) {
    if (gate.kind !== 'schema' || kind === 'split') continue;
    const message = `\`schema\` judges the tasks of a split, and ${kindNames[kind]} has none`;
    reading.problems.add({ code: 'no-effect', severity: 'warning', at: gate.at, message });
  }
}

type Received = Pick<Step, 'prompt' | 'context' | 'worktree' | 'session' | 'workflow' | 'with'>;

function readGet(reading: StepReading, entries: Entries<'step'>, kind: StepKind): Received {
  const workflowAt = entries.pairs.get('workflow')?.value.at;
  if (workflowAt) reading.places.workflow = workflowAt;
  return {
    prompt: readPromptValue(reading, take(reading, entries, 'prompt'), 'prompt'),
    context: readContext(reading, take(reading, entries, 'context')),
    worktree: take(reading, entries, 'worktree') ?? (reads(kind) ? 'read-only' : 'read-write'),
    session: readSession(reading, take(reading, entries, 'session')),
    workflow: take(reading, entries, 'workflow'),
    with: readInputs(reading, withPairs(reading, take(reading, entries, 'with')), 'with'),
  };
}

function readRun(
  reading: StepReading,
  entries: Entries<'step'>,
  kind: StepKind,
): Pick<Step, 'agent' | 'guard' | 'hitl'> {
  const agentAt = entries.pairs.get('agent')?.value.at;
  if (agentAt) reading.places.agent = agentAt;
  return {
    agent: take(reading, entries, 'agent'),
    guard: readGuard(reading, take(reading, entries, 'guard'), kind),
    hitl: take(reading, entries, 'hitl'),
  };
}

function readGuard(reading: StepReading, pair: Pair | null, kind: StepKind): Guard {
  const empty: Entries<'guard'> = { place: 'guard', pairs: new Map() };
  const entries = (pair && open(reading, 'guard', pair.value)) ?? empty;
  const alias = entries.pairs.get('timeout');
  if (alias && entries.pairs.has('max_time')) {
    const message = '`timeout` is another name of `max_time`, which is given too';
    reading.problems.add({ code: 'two-places', at: alias.keyAt, message, hint: 'remove one of them' });
  }
  return {
    maxTurns: take(reading, entries, 'max_turns'),
    maxBudgetUsd: take(reading, entries, 'max_budget'),
    maxTokens: take(reading, entries, 'max_tokens'),
    maxTimeMs: take(reading, entries, 'max_time') ?? take(reading, entries, 'timeout'),
    idleTimeoutMs: take(reading, entries, 'idle_timeout'),
    noWrite: take(reading, entries, 'no_write') ?? reads(kind),
  };
}

/** Kinds whose agent looks and says, and writes nothing. */
function reads(kind: StepKind): boolean {
  return kind === 'split' || kind === 'validate';
}
