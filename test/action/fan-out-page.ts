/** The workflow file that docs/fan-out.md makes of the template. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';

const page = resolve(import.meta.dirname, '../../docs/fan-out.md');

/** The page's own jobs, in place of the template's `run` and `after`. */
export function fanOutWorkflow(template: string): string {
  const [, jobs = ''] = /```yaml\njobs:\n([\s\S]*?)```/.exec(readFileSync(page, 'utf8')) ?? [];
  return template.replace(/^ {2}run:\n[\s\S]*/m, () => jobs);
}
