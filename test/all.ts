/** `npm test`: every check of the project, one after another; the last line counts them all. */
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

interface Count {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const bin = (name: string) => join(import.meta.dirname, '..', 'node_modules', '.bin', name);
const checks: readonly [string, () => Promise<Count>][] = [
  ['format and lint', () => one([bin('biome'), 'ci', '--error-on-warnings', '.'])],
  ['types', () => one([bin('tsc'), '--noEmit', '-p', '.'])],
  ['bundle up to date', () => one([process.execPath, 'action/build.ts', '--check'])],
  ['documents up to date', () => one([process.execPath, 'docs/build.ts', '--check'])],
  ['tests', tests],
];

const counts: Count[] = [];
for (const [title, check] of checks) {
  console.log(`\n── ${title}`);
  const count = await check();
  if (count.failed > 0) console.error(`✗ ${title}`);
  counts.push(count);
}
const sum = (key: keyof Count) => counts.reduce((total, count) => total + count[key], 0);
const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
console.log(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}`);
process.exitCode = sum('failed') > 0 ? 1 : 0;

async function one(command: readonly string[]): Promise<Count> {
  const ok = (await run(command)) === 0;
  return { passed: ok ? 1 : 0, failed: ok ? 0 : 1, skipped: 0 };
}

/** The runner's own report counts; a runner that ends badly without a failed test counts as one failure. */
async function tests(): Promise<Count> {
  const report = join(tmpdir(), `gump-tests-${process.pid}.json`);
  const code = await run([
    bin('vitest'),
    'run',
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  ]);
  try {
    const result = JSON.parse(readFileSync(report, 'utf8'));
    const failed = result.numFailedTests + result.testResults.filter(brokenFile).length;
    const skipped = result.numPendingTests + result.numTodoTests;
    return { passed: result.numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, skipped };
  } catch (error) {
    console.error(
      `the test runner left no report: ${error instanceof Error ? error.message : String(error)}`,
    );
    return { passed: 0, failed: 1, skipped: 0 };
  } finally {
    rmSync(report, { force: true });
  }
}

/** A file that could not even be loaded has no failed test of its own. */
function brokenFile(file: { status: string; assertionResults: readonly unknown[] }): boolean {
  return file.status === 'failed' && file.assertionResults.length === 0;
}

function run([command = '', ...rest]: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, { stdio: 'inherit', cwd: join(import.meta.dirname, '..') });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
