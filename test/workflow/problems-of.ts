/** All that is wrong with a workflow file, as a person reads it: one text, as `gump validate` would print it. */
import { formatDiagnostic } from '../../src/diagnostic.ts';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { checkNames } from '../../src/workflow/names.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';

export function problemsOf(file: string, text: string): string {
  const { workflow, diagnostics } = parseWorkflow({ file, text, readPrompt });
  const checks = workflow ? [...checkNames(workflow), ...checkAgents(workflow)] : [];
  return [...diagnostics, ...checks].map((one) => `${formatDiagnostic(one)}\n`).join('');
}

/** Prompt files of the fixtures. */
export function readPrompt(path: string): string | null {
  if (path === 'prompts/good.md') return 'Build {spec}\nwell.\n';
  if (path === 'prompts/typo.md') return 'Build\n  {spek} well.\n';
  return path === 'prompts/blank.md' ? ' \n' : null;
}
