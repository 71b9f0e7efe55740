/** Finds the coverage reports that a command wrote: one that was there before proves nothing about the attempt. */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '../errors.ts';
import { limits } from '../limits.ts';
import { readCoverage } from './coverage-report.ts';
import type { Reading } from './coverage-value.ts';
import { join } from './project.ts';

/** Where tools write their reports unless told otherwise, from a project's folder. */
const usual = [
  // istanbul, c8, vitest, jest
  ...[
    'coverage/coverage-summary.json',
    'coverage/lcov.info',
    'coverage/cobertura-coverage.xml',
    'coverage/clover.xml',
  ],
  // lcov of many; coverage.py, pytest-cov, gcovr; tarpaulin
  ...['lcov.info', 'coverage.xml', 'coverage.json', 'cobertura.xml', 'tarpaulin-report.json'],
  // go, as its documentation and its users name it
  ...['coverage.out', 'cover.out', 'c.out', 'coverage.txt'],
  // cargo llvm-cov, maven, gradle, xcov
  ...['target/llvm-cov/lcov.info', 'target/site/jacoco/jacoco.xml'],
  ...['build/reports/jacoco/test/jacocoTestReport.xml', 'build/reports/kover/report.xml', 'build/lcov.info'],
] as const;

/** What reports there are, by path, each with a stamp that changes whenever it is written. */
export type Stamps = ReadonlyMap<string, string>;

export interface Report {
  readonly file: string;
  readonly reading: Reading;
}

export async function stampReports(cwd: string, folders: readonly string[]): Promise<Stamps> {
  const found = new Map<string, string>();
  for (const file of (await Promise.all(folders.map((folder) => reportsIn(cwd, folder)))).flat()) {
    const stats = await stat(path.join(cwd, file), { bigint: true }).catch(() => null);
    if (stats?.isFile()) found.set(file, `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs}`);
  }
  return found;
}

/** `dotnet test --collect` makes a folder of its own for each run. */
async function reportsIn(cwd: string, folder: string): Promise<readonly string[]> {
  const results = join(folder, 'TestResults');
  const runs = await readdir(path.join(cwd, results)).catch(() => []);
  const collected = runs
    .slice(0, limits.collectedRunsMax)
    .map((run) => `${results}/${run}/coverage.cobertura.xml`);
  return [...usual.map((name) => join(folder, name)), ...collected];
}

/** The reports of the folder that were written since `before`, and the names of those that were not. */
export async function freshReports(
  cwd: string,
  folder: string,
  before: Stamps,
): Promise<{ readonly fresh: readonly Report[]; readonly stale: readonly string[] }> {
  const stamps = await stampReports(cwd, [folder]);
  const files = [...stamps.keys()];
  const stale = files.filter((file) => before.get(file) === stamps.get(file));
  const written = files.filter((file) => !stale.includes(file));
  const fresh = await Promise.all(written.map(async (file) => ({ file, reading: await read(cwd, file) })));
  return { fresh, stale };
}

async function read(cwd: string, file: string): Promise<Reading> {
  try {
    const [top, real] = await Promise.all([realpath(cwd), realpath(path.join(cwd, file))]);
    if (!real.startsWith(`${top}${path.sep}`)) return { problem: 'it is a link that leads out of the tree' };
    const { size } = await stat(real);
    if (size > limits.coverageReportBytesMax)
      return { problem: `it has ${size} bytes, ${limits.coverageReportBytesMax} are read` };
    return readCoverage(await readFile(real, 'utf8'));
  } catch (error) {
    return { problem: `it could not be read (${explain(error)})` };
  }
}
