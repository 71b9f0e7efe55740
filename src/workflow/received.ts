/** What the agent receives: prompt, context, session and inputs of a call, from the file to data. */
import type { Position } from '../diagnostic.ts';
import { placeholders } from '../template/template.ts';
import { containedName } from './contained.ts';
import { need, open, type Reading, take } from './entries.ts';
import type { Problems } from './problems.ts';
import { isStepName, nameRule } from './step-name.ts';
import { describe, type Pair, quoted, type Tree } from './tree.ts';
import { wrong } from './values.ts';
import type { ContextEntry, SessionChoice } from './workflow.ts';

/** Reading one step: places of its values are noted, prompt files are opened. */
export interface StepReading extends Reading {
  readonly places: Record<string, Position>;
  readonly prompts: Record<string, string>;
  /** Text of a file beside the workflow file; null where there is none. */
  readonly readPrompt: (relativePath: string) => string | null;
  /** Noted where something could not be read that names may depend on. */
  readonly unsure: Set<Doubt>;
}

/**
 * What a file with errors leaves in the dark: `names`, which steps and inputs there are; `gates`, how steps are judged. To
 * tell that a name has no value there would be an echo of the error.
 */
export type Unsure = ReadonlySet<Doubt>;

/** `names`: any step may have any name; `step a`: what the step `a` gives is not known. */
export type Doubt = 'names' | 'gates' | `step ${string}`;

/** A prompt's text, from the file itself or from `{file: path}`; null where it is absent or wrong. */
export function readPromptValue(reading: StepReading, pair: Pair | null, place: string): string | null {
  if (!pair) return null;
  const { problems, places } = reading;
  if (pair.value.kind === 'mapping') return readPromptFile(reading, pair.value, place);
  if (pair.value.kind === 'list' || pair.value.text.trim() === '') {
    return wrong(pair, problems, 'is text or `{file: path}`');
  }
  places[place] = pair.value.at;
  return pair.value.text;
}

function readPromptFile(reading: StepReading, tree: Tree, place: string): string | null {
  const { problems, places, prompts } = reading;
  const entries = open(reading, 'prompt', tree);
  if (!entries) return null;
  need(reading, entries, { key: 'file', tree });
  const path = take(reading, entries, 'file');
  if (path === null) return null;
  const at = entries.pairs.get('file')?.value.at ?? tree.at;
  const text = reading.readPrompt(path);
  const what = text === null ? 'does not exist or cannot be read' : lackOf(text);
  if (text === null || what !== null) {
    const message = `the prompt file ${quoted(path)} ${what}`;
    problems.add({ code: 'prompt-file', at, message, hint: 'the path is relative to the workflow file' });
    return null;
  }
  prompts[path] = text;
  places[place] = { file: besides(problems.file, path), line: 1, column: 1 };
  return text;
}

/** What makes a text no prompt; null for one that is. Bytes that are no UTF-8 come as U+FFFD. */
function lackOf(text: string): string | null {
  if (text.trim() === '') return 'is empty';
  return text.includes('\uFFFD') ? 'is not UTF-8 text' : null;
}

function besides(file: string, path: string): string {
  const slash = file.lastIndexOf('/');
  return slash < 0 ? path : `${file.slice(0, slash + 1)}${path}`;
}

/** The entries of `context:`; wrong ones are told and left out. */
export function readContext(reading: StepReading, pair: Pair | null): readonly ContextEntry[] {
  if (!pair) return [];
  if (pair.value.kind !== 'list') {
    wrong(pair, reading.problems, 'is a list', 'write `- file: path` or `- bash: command`');
    return [];
  }
  const entries = pair.value.items.flatMap(
    (item, index) => readContextEntry(reading, item, `context.${index}`) ?? [],
  );
  if (entries.length < pair.value.items.length) reading.unsure.add('names');
  return entries;
}

function readContextEntry(reading: StepReading, tree: Tree, place: string): ContextEntry | null {
  const { problems, places } = reading;
  if (tree.kind === 'scalar') {
    const hint = tree.text === '' ? 'write `- file: path`' : `write \`- file: ${tree.text}\``;
    problems.add({
      code: 'wrong-type',
      at: tree.at,
      message: `a context entry is a mapping, not ${describe(tree)}`,
      hint,
    });
    return null;
  }
  const entries = open(reading, 'context', tree);
  if (!entries) return null;
  const path = take(reading, entries, 'file');
  const command = take(reading, entries, 'bash');
  const { size } = entries.pairs;
  if (tree.kind === 'mapping' && tree.pairs.length > size) return null;
  if (size !== 1) {
    const message = `a context entry has one of \`file\` and \`bash\`, not ${size === 0 ? 'none' : 'both'}`;
    problems.add({ code: 'one-of', at: tree.at, message });
    return null;
  }
  places[place] = [...entries.pairs.values()][0]?.value.at ?? tree.at;
  if (command !== null) return { kind: 'bash', command, at: tree.at };
  if (path === null || !isContextPath(path, places[place] ?? tree.at, problems)) return null;
  return { kind: 'file', path, at: tree.at };
}

/** A path with placeholders can only be judged when it is rendered. */
function isContextPath(path: string, at: Position, problems: Problems): boolean {
  const why = placeholders(path).length > 0 ? null : containedName(path);
  if (why === null) return true;
  problems.add({ code: 'bad-path', at, message: `${quoted(path)} is no path in the tree: ${why}` });
  return false;
}

/** `new` or `{from: step}`; `new` where it is absent or wrong. */
export function readSession(reading: StepReading, pair: Pair | null): SessionChoice {
  const fresh: SessionChoice = { mode: 'new' };
  if (!pair) return fresh;
  if (pair.value.kind === 'mapping') {
    const entries = open(reading, 'session', pair.value);
    if (!entries) return fresh;
    need(reading, entries, { key: 'from', tree: pair.value });
    const step = take(reading, entries, 'from');
    reading.places.session = entries.pairs.get('from')?.value.at ?? pair.value.at;
    return step === null ? fresh : { mode: 'from', step };
  }
  if (pair.value.kind === 'list' || pair.value.text !== 'new') {
    const text = pair.value.kind === 'scalar' ? pair.value.text : '';
    const hint = isStepName(text) ? `write \`session: {from: ${text}}\` to continue that step's` : undefined;
    wrong(pair, reading.problems, 'is `new` or `{from: step}`', hint);
  }
  return fresh;
}

/** Inputs by name: every value is the text of a template. Wrong ones are told and left out. */
export function readInputs(
  reading: StepReading,
  pairs: readonly Pair[],
  place: string,
): Readonly<Record<string, string>> {
  const inputs: Record<string, string> = Object.create(null);
  for (const pair of pairs) {
    const { problems, places } = reading;
    if (!isStepName(pair.key)) {
      const message = `${quoted(pair.key)} cannot be an input's name: ${nameRule}`;
      problems.add({ code: 'not-a-name', at: pair.keyAt, message });
    } else if (pair.value.kind !== 'scalar' || pair.value.value === null) {
      wrong(pair, problems, 'is an input, so it is text', 'write `""` for an empty one');
    } else {
      inputs[pair.key] = pair.value.text;
      places[`${place}.${pair.key}`] = pair.value.at;
    }
  }
  if (Object.keys(inputs).length < pairs.length) reading.unsure.add('names');
  return { ...inputs };
}

/** The pairs of `with:`; empty (with a problem) where it is no mapping. */
export function withPairs(reading: Reading, pair: Pair | null): readonly Pair[] {
  if (!pair) return [];
  if (pair.value.kind === 'mapping') return pair.value.pairs;
  wrong(pair, reading.problems, 'is a mapping of inputs');
  return [];
}
