import { collectWorkflow as collect } from '../../src/playbook/collect.ts';
import type { WorkflowFile } from '../../src/playbook/source.ts';

export const file = (
  name: string,
  text: string,
  prompts: Readonly<Record<string, string>> = {},
): WorkflowFile => ({
  file: name,
  text,
  readPrompt: (path) => (Object.hasOwn(prompts, path) ? (prompts[path] ?? null) : null),
});
export const among = (find: (path: string) => WorkflowFile | null) => ({
  find,
  paths: () => ['validators/a'],
});
export function collectWorkflow(main: WorkflowFile, find: (path: string) => WorkflowFile | null) {
  return collect(main, among(find));
}
export const gated = (path: string) =>
  `name: w\nsteps:\n  - name: do\n    gate:\n      - validate: ${path}\n`;
export const judge =
  'name: v\nsteps:\n  - {name: judge, type: validate, prompt: {file: p.md}, agent: claude}\n';
