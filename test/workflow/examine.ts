/** Everything that is done with the text of a workflow file before a run, and what must be true of it whatever the text is. */
import { type Diagnostic, formatDiagnostic } from '../../src/diagnostic.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { describePlan } from '../../src/plan/describe.ts';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { calledPaths } from '../../src/workflow/called.ts';
import { alone, checkNames } from '../../src/workflow/names.ts';
import { checkCalls } from '../../src/workflow/needs.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import { respell } from '../../src/workflow/spellings.ts';
import type { Workflow } from '../../src/workflow/workflow.ts';
import { defaults } from '../engine/given.ts';
import { readPrompt } from './problems-of.ts';

/** @throws Error where a place does not exist, an error leaves a workflow behind, or a spelling loses its place. */
export function examine(text: string): void {
  const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
  const found = workflow
    ? [...diagnostics, ...checkNames(workflow), ...callingItself(workflow), ...checkAgents(workflow)]
    : diagnostics;
  if ((workflow === null) !== diagnostics.some(({ severity }) => severity === 'error')) {
    throw new Error('there is a workflow beside errors, or none without an error');
  }
  const lines = text.replace(/^\uFEFF/, '').split('\n');
  for (const diagnostic of found) {
    formatDiagnostic(diagnostic);
    const { at } = diagnostic;
    if (at?.file !== 'w.yaml') continue;
    const line = lines[at.line - 1];
    if (line === undefined || at.column < 1 || at.column > line.length + 1) {
      throw new Error(`a place that is not in the file: ${JSON.stringify(at)}`);
    }
  }
  if (!workflow) return;
  calledPaths(workflow);
  const spec = { text: '', hash: '', origin: '', removed: [] };
  const { plan } = buildPlan({
    run: 'r',
    workflow,
    spec,
    base: '',
    settings: defaults,
    gump: '',
    called: () => workflow,
  });
  if (plan) describePlan(plan);
}

/** Whatever it calls is itself: no cycle may keep the checks from their end. */
function callingItself(workflow: Workflow): readonly Diagnostic[] {
  const around = { ...alone, role: 'called', called: () => workflow } as const;
  return [...checkNames(workflow, around), ...checkCalls(workflow, around)];
}

/** @throws Error where the respelt text has other lines, or a column of it is not told as it was. */
export function examineSpelling(text: string): void {
  const respelt = respell(text);
  const before = text.split('\n');
  const after = respelt.text.split('\n');
  if (after.length !== before.length) throw new Error('the respelt text has another number of lines');
  for (const [number, line] of after.entries()) {
    if (line === before[number]) continue;
    for (let column = 0; column < line.length; column++) {
      const character = line[column];
      const was = before[number]?.[respelt.column(number, column)];
      const isAdded = character === '{' || character === '}';
      if (!isAdded && was !== character)
        throw new Error(`line ${number + 1}, column ${column + 1} is told wrong`);
    }
  }
}
