/** From the text of a workflow file to data, with every problem of the file at once. */
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { type Entries, need, open, type Reading, take } from './entries.ts';
import { fieldOf } from './fields.ts';
import { collectProblems } from './problems.ts';
import type { Doubt, Unsure } from './received.ts';
import { readSteps } from './steps.ts';
import { readTree } from './tree.ts';
import type { Workflow } from './workflow.ts';

export interface WorkflowFile {
  /** As given, for messages. */
  readonly file: string;
  readonly text: string;
  /** Text of a file relative to the workflow file; null where there is none. Called with contained paths only. */
  readonly readPrompt: (relativePath: string) => string | null;
}

export interface Draft {
  readonly workflow: Workflow;
  readonly unsure: Unsure;
}

export interface ParsedWorkflow {
  /** Null where a diagnostic is an error. */
  readonly workflow: Workflow | null;
  /** What could be read of a file that has errors, so that the rest of it is checked too; null where there are none, or nothing could. */
  readonly draft: Draft | null;
  /** In the order of their places; warnings stand beside a workflow. */
  readonly diagnostics: readonly Diagnostic[];
}

/** Reads a workflow file; never throws for what the file says. */
export function parseWorkflow({ file, text, readPrompt }: WorkflowFile): ParsedWorkflow {
  const source = text.replace(/^\uFEFF/, '');
  const problems = collectProblems(file, source);
  const tree = readTree(source, problems);
  const syntax = problems.all();
  if (!tree) {
    const at = { file, line: 1, column: 1 };
    const hint = 'a workflow has a `name` and `steps`';
    if (!hasErrors(syntax)) problems.add({ code: 'empty', at, message: 'the file is empty', hint });
    return { workflow: null, draft: null, diagnostics: problems.all() };
  }
  const prompts: Record<string, string> = Object.create(null);
  const unsure = new Set<Doubt>();
  const reading = { problems, places: {}, prompts, readPrompt, unsure };
  const entries = open(reading, 'root', tree);
  if (!entries) return { workflow: null, draft: null, diagnostics: problems.all() };
  need(reading, entries, { key: 'name', tree });
  need(reading, entries, { key: 'steps', tree });
  tellDeprecated(reading, entries);
  const workflow: Workflow = {
    name: take(reading, entries, 'name') ?? '',
    file,
    steps: readSteps(reading, take(reading, entries, 'steps')),
    maxBudgetUsd: take(reading, entries, 'max_budget'),
    maxTimeoutMs: take(reading, entries, 'max_timeout'),
    maxTokens: take(reading, entries, 'max_tokens'),
    text,
    prompts: { ...prompts },
  };
  const diagnostics = withoutEchoes(problems.all(), syntax);
  if (!hasErrors(diagnostics)) return { workflow, draft: null, diagnostics };
  // Where YAML itself is broken, nobody knows what was meant.
  return { workflow: null, draft: hasErrors(syntax) ? null : { workflow, unsure }, diagnostics };
}

function tellDeprecated(reading: Reading, entries: Entries<'root'>): void {
  for (const { key, keyAt } of entries.pairs.values()) {
    const instead = fieldOf('root', key)?.deprecated;
    if (!instead) continue;
    const message = `\`${key}\` is deprecated and not read`;
    reading.problems.add({ code: 'deprecated', severity: 'warning', at: keyAt, message, hint: instead });
  }
}

/** Where the syntax is broken, what is missing or odd in the same line is an echo of that, not a problem of its own. */
function withoutEchoes(all: readonly Diagnostic[], syntax: readonly Diagnostic[]): readonly Diagnostic[] {
  const broken = new Set(syntax.filter((one) => one.code === 'yaml').map((one) => one.at?.line));
  if (broken.size === 0) return all;
  return all.filter(
    (one) => one.code === 'yaml' || !(one.code.startsWith('missing') || broken.has(one.at?.line)),
  );
}
