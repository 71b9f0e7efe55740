/**
 * Reports that test runners and linters write beside what they print: JUnit's XML, Checkstyle's, SARIF. Found by where they
 * usually stand and by what they say; one that was there before the command ran says nothing of what it judged.
 */
import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import { explain } from '../errors.ts';
import { limits } from '../limits.ts';
import { join, upwards } from './project.ts';

/** Where tools, and the people who configure them, put their reports, from a project's folder. */
const usual = [
  // pytest --junitxml, jest-junit, vitest --outputFile, eslint -o, golangci-lint, gotestsum
  ...[
    '',
    'reports',
    'report',
    'results',
    'test-results',
    'test-reports',
    'junit',
    'coverage',
    'build',
    'out',
  ],
  // dotnet, maven
  ...['TestResults', 'target', 'target/surefire-reports', 'target/failsafe-reports'],
] as const;

/** Folders with one more for each task, profile or tool: gradle, cargo nextest. */
const nested = ['build/test-results', 'build/reports', 'target/nextest'] as const;

/** What there is, by path, each with a stamp that changes whenever it is written. */
export type ResultStamps = ReadonlyMap<string, string>;

/** Files that may be reports, of the folder and those above it. */
export async function stampResults(cwd: string, folder: string): Promise<ResultStamps> {
  const found = new Map<string, string>();
  const files = (await Promise.all(upwards(folder).map((one) => candidatesIn(cwd, one)))).flat();
  for (const file of [...new Set(files)].slice(0, limits.resultFilesMax)) {
    const stats = await stat(path.join(cwd, file), { bigint: true }).catch(() => null);
    if (stats?.isFile()) found.set(file, `${stats.ino} ${stats.mtimeNs} ${stats.ctimeNs} ${stats.size}`);
  }
  return found;
}

async function candidatesIn(cwd: string, folder: string): Promise<readonly string[]> {
  const folders = usual.map((name) => (name === '' ? folder : join(folder, name)));
  const inside = await Promise.all(nested.map((name) => foldersIn(cwd, join(folder, name))));
  const all = await Promise.all([...folders, ...inside.flat()].map((one) => reportsIn(cwd, one)));
  return all.flat();
}

async function foldersIn(cwd: string, folder: string): Promise<readonly string[]> {
  const entries = await readdir(path.join(cwd, folder), { withFileTypes: true }).catch(() => []);
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(folder, name));
  return names.slice(0, limits.resultFoldersMax);
}

async function reportsIn(cwd: string, folder: string): Promise<readonly string[]> {
  const names = await readdir(path.join(cwd, folder)).catch(() => []);
  return names.filter((name) => /\.(?:xml|sarif|sarif\.json)$/i.test(name)).map((name) => join(folder, name));
}

export interface Results {
  /** Reports that tell of something, one below the other, as they would stand in a log; empty where there is none. */
  readonly text: string;
  /** What was left out and why, a line each, for the log. */
  readonly left: readonly string[];
}

/** The reports written since `before`. */
export async function freshResults(cwd: string, folder: string, before: ResultStamps): Promise<Results> {
  const stamps = await stampResults(cwd, folder);
  const fresh = [...stamps.keys()].filter((file) => before.get(file) !== stamps.get(file)).sort();
  // As pytest says it: what paths in reports are relative to, or begin with.
  const parts = [`rootdir: ${cwd}`];
  const left: string[] = [];
  let room: number = limits.gateReportsBytesMax;
  for (const file of fresh) {
    const told = await read(cwd, file, room).catch((error: unknown) => ({ problem: explain(error) }));
    if (told === null) continue;
    if (typeof told !== 'string') {
      left.push(`# the report ${file} was not read: ${told.problem}`);
      continue;
    }
    parts.push(told);
    room -= Buffer.byteLength(told);
  }
  return { text: parts.length === 1 ? '' : parts.join('\n'), left: shortened(left) };
}

function shortened(left: readonly string[]): readonly string[] {
  const more = left.length - limits.leftReportsMax;
  if (more <= 0) return left;
  return [
    ...left.slice(0, limits.leftReportsMax),
    `# ${more} more ${more === 1 ? 'report was' : 'reports were'} not read`,
  ];
}

/** Null for a file that is no report, or that tells of nothing. */
async function read(
  cwd: string,
  file: string,
  bytesMax: number,
): Promise<string | null | { readonly problem: string }> {
  const [top, real] = await Promise.all([realpath(cwd), realpath(path.join(cwd, file))]);
  if (!real.startsWith(`${top}${path.sep}`)) return null;
  const { size } = await stat(real);
  if (size > bytesMax) return { problem: `it has ${size} bytes, there is room for ${bytesMax}` };
  const text = (await readFile(real, 'utf8')).replace(/^\ufeff/, '').trim();
  return /\.xml$/i.test(file) ? ofXml(text) : ofSarif(text);
}

function ofXml(text: string): string | null {
  const isReport = /^(?:<\?xml[^>]{0,200}\?>\s*)?(?:<!--[^>]*-->\s*)?<(?:testsuites?|checkstyle)[\s>]/.test(
    text,
  );
  if (!isReport || !/<(?:failure|error)[\s/>]/.test(text)) return null;
  return text.replace(/^<\?xml[^>]*\?>\s*/, '').replace(/^<!--[^>]*-->\s*/, '');
}

/** On one line: what follows it in a log cannot be taken for a part of it. */
function ofSarif(text: string): string | null {
  const document: unknown = JSON.parse(text);
  const isReport = typeof document === 'object' && document !== null && 'runs' in document;
  return isReport ? JSON.stringify(document) : null;
}
