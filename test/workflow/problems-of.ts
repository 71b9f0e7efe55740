/** All that is wrong with a workflow file, as a person reads it: one text, as `gump validate` would print it. */
import { type Diagnostic, formatDiagnostic } from '../../src/diagnostic.ts';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { checkNames } from '../../src/workflow/names.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';

export function problemsOf(file: string, text: string): string {
  return diagnose(file, text)
    .map((one) => `${formatDiagnostic(one)}\n`)
    .join('');
}

export function diagnose(file: string, text: string): readonly Diagnostic[] {
  const { workflow, diagnostics } = parseWorkflow({ file, text, readPrompt });
  return workflow ? [...diagnostics, ...checkNames(workflow), ...checkAgents(workflow)] : diagnostics;
}

/** Prompt files of the fixtures. */
export function readPrompt(path: string): string | null {
  if (path === 'prompts/good.md') return 'Build {spec}\nwell.\n';
  if (path === 'prompts/typo.md') return 'Build\n  {spek} well.\n';
  return path === 'prompts/blank.md' ? ' \n' : null;
}
