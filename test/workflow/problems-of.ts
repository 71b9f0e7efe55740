/** All that is wrong with a workflow file, as a person reads it: one text, as `gump validate` would print it. */
import { existsSync, readFileSync } from 'node:fs';
import { type Diagnostic, formatDiagnostic, hasErrors } from '../../src/diagnostic.ts';
import { buildPlan } from '../../src/plan/build.ts';
import { collectWorkflow, type Library } from '../../src/playbook/collect.ts';
import { loadWorkflows } from '../../src/playbook/snapshot.ts';
import { defaults } from '../engine/given.ts';

export function problemsOf(file: string, text: string): string {
  return diagnose(file, text)
    .map((one) => `${formatDiagnostic(one)}\n`)
    .join('');
}

/** The problems of the file, of what it calls and, where there is no error among them, of the plan that it makes. */
export function diagnose(file: string, text: string): readonly Diagnostic[] {
  const { files, diagnostics } = collectWorkflow({ file, text, readPrompt }, library);
  const { workflow, called } = loadWorkflows(files);
  if (!workflow || hasErrors(diagnostics)) return diagnostics;
  const spec = { text: '', hash: '', origin: '', removed: [] };
  // An agent is named by the configuration, unless the file says that there is none.
  const default_agent = text.includes('# no default agent') ? null : 'claude';
  const settings = { ...defaults, default_agent };
  const parts = { run: 'r', spec, base: '', settings, gump: '', workflow, called };
  return [...diagnostics, ...buildPlan(parts).diagnostics];
}

const folder = new URL('../fixtures/workflows/called/', import.meta.url);

/** What the fixtures call: files beside them, and anything in `v/` and `w/`, which needs no input. */
const library: Library = {
  find(path) {
    const file = `${path}.yaml`;
    const written = new URL(file, folder);
    if (existsSync(written)) return { file, text: readFileSync(written, 'utf8'), readPrompt };
    return /^[vw](\/|$)/.test(path) ? { file, text: anything, readPrompt } : null;
  },
  paths: () => ['validators/arch-review', 'validators/needs-limit', 'setup'],
};

/** Uses what the fixtures give as inputs, and needs none of it: every name has a value without. */
const anything = 'name: any\nsteps: [{name: any, type: code, prompt: "{spec} {diff} {error} {attempt}"}]\n';

/** Prompt files of the fixtures. */
export function readPrompt(path: string): string | null {
  if (path === 'prompts/good.md') return 'Build {spec}\nwell.\n';
  if (path === 'prompts/typo.md') return 'Build\n  {spek} well.\n';
  // As `toString('utf8')` gives what is in Latin-1.
  if (path === 'prompts/latin.md') return 'caf\ufffd {spec}\n';
  return path === 'prompts/blank.md' ? ' \n' : null;
}
