/**
 * The documents that are made of the sources: the JSON schema of workflow files, and the tables of the reference pages.
 * `node docs/build.ts` writes them, `node docs/build.ts --check` exits with 1 where they are not up to date.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { workflowSchema } from './schema.ts';
import { type TableName, tables } from './tables.ts';

const root = join(import.meta.dirname, '..');
const read = (path: string) => readFileSync(join(root, path), 'utf8');

/** By path from the top of the repository: what each document should be. */
export function documents(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/workflow.schema.json', `${JSON.stringify(workflowSchema(), null, 2)}\n`],
    ['docs/workflow-reference.md', filled(read('docs/workflow-reference.md'))],
    ['docs/configuration.md', filled(read('docs/configuration.md'))],
  ]);
}

/** What stands between `<!-- table: NAME -->` and `<!-- end -->` is replaced; the rest of the page is written by hand. */
function filled(page: string): string {
  return page.replace(/<!-- table: (.+?) -->\n[\s\S]*?<!-- end -->/g, (_, name: string) => {
    if (!Object.hasOwn(tables, name)) throw new Error(`There is no table "${name}": see docs/tables.ts.`);
    return `<!-- table: ${name} -->\n${tables[name as TableName]().join('\n')}\n<!-- end -->`;
  });
}

/** The documents whose file is another, or is missing. */
export function staleDocuments(): readonly string[] {
  const isStale = ([path, text]: readonly [string, string]) => present(path) !== text;
  return [...documents()].filter(isStale).map(([path]) => path);
}

function present(path: string): string | null {
  try {
    return read(path);
  } catch {
    return null;
  }
}

function check(): void {
  const stale = staleDocuments();
  if (stale.length === 0) return;
  process.stderr.write(`not up to date: ${stale.join(', ')}; run \`npm run build\` and commit the result.\n`);
  process.exitCode = 1;
}

function write(): void {
  for (const path of staleDocuments()) {
    writeFileSync(join(root, path), documents().get(path) ?? '');
    process.stdout.write(`${path} written\n`);
  }
}

// Not `import.meta.main`: behind the launcher of the npm scripts this file is imported.
if (process.argv[1] === import.meta.filename) (process.argv.includes('--check') ? check : write)();
