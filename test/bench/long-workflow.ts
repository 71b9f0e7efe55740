/** A workflow of many steps as people write them: a prompt that names the step before, gates, a retry. */
import { formatDiagnostic } from '../../src/diagnostic.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';

export function longWorkflow(count: number): string {
  const step = (index: number): string =>
    [
      `  - name: s${index}`,
      '    type: code',
      '    agent: claude-sonnet',
      '    prompt: |',
      '      Do {spec}',
      `      ${index === 0 ? '{error}' : `{s${index - 1}.output}`}`,
      '    gate: [compile, test]',
      '    retry:',
      '      - {attempt: 2, session: new}',
      '      - exit: 3',
      '',
    ].join('\n');
  return `name: long\nsteps:\n${Array.from({ length: count }, (_, index) => step(index)).join('')}`;
}

/** @throws Error where the text has a problem. */
export function parseLong(text: string): Workflow {
  const { workflow, diagnostics } = parseWorkflow({ file: 'long.yaml', text, readPrompt: () => null });
  if (!workflow) throw new Error(diagnostics.map(formatDiagnostic).join('\n'));
  return workflow;
}
