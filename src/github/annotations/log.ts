/** Remarks from what compilers, linters and test runners print. Linear in the log, whatever it holds. */
import { limits } from '../../limits.ts';
import { cutMiddle } from '../cut.ts';
import { clean } from '../defuse.ts';
import { type Annotation, isLineNumber, messageOf } from './annotation.ts';
import { biomeReader } from './biome.ts';
import { compilerReader } from './compiler.ts';
import { readDocuments } from './documents.ts';
import { eslintReader } from './eslint.ts';
import { goTestReader } from './go-test.ts';
import { jsTestReader } from './js-test.ts';
import { isAbsolute, pathResolver, type ResolvePath } from './path.ts';
import { pythonReader } from './python.ts';
import type { Place, Reader, ReaderOf } from './reader.ts';
import { rustcReader } from './rustc.ts';
import { tapReader } from './tap.ts';
import { tscReader } from './tsc.ts';
import { workflowCommandReader } from './workflow-command.ts';

/** The particular before the general: the first one that claims a line tells of it. */
const readers: readonly ReaderOf[] = [
  workflowCommandReader,
  tscReader,
  biomeReader,
  rustcReader,
  tapReader,
  goTestReader,
  pythonReader,
  eslintReader,
  jsTestReader,
  compilerReader,
];

/**
 * What a log says about lines, each remark once, failures first, at most `limits.annotationsMax`.
 * @param known paths of the repository by which absolute paths are understood (the tree that was judged is gone).
 */
export function annotationsOfLog(log: string, known: readonly string[]): readonly Annotation[] {
  const { places: documented, rest } = readDocuments(clean(cutMiddle(log, lookedAt)));
  const places = [...documented, ...readLines(rest, known)].slice(0, placesMax);
  const resolve = pathResolver({ known, seen: absolutePaths(places), told: toldRoot(rest) });
  const found = new Map<string, Annotation>();
  for (const place of places) {
    const annotation = annotationOf(place, resolve);
    if (!annotation) continue;
    const key = `${annotation.path}:${annotation.line}:${annotation.message}`;
    if (!found.has(key)) found.set(key, annotation);
  }
  const all = [...found.values()];
  const [failures, others] = [all.filter(isFailure), all.filter((one) => !isFailure(one))];
  // Where all fit they stay in the order in which they were printed.
  return all.length <= limits.annotationsMax ? all : [...failures, ...others].slice(0, limits.annotationsMax);
}

/** No more than is kept of a gate's output, whoever hands it over. */
const lookedAt = { charactersMax: limits.gateLogBytesMax } as const;

/** Some more than are shown: warnings in front must not hide the failures behind them. */
const placesMax = 50 * limits.annotationsMax;

function readLines(text: string, known: readonly string[]): readonly Place[] {
  const running = readers.map((reader) => reader(known));
  const places: Place[] = [];
  for (const line of text.split('\n')) {
    if (places.length >= placesMax) return places;
    places.push(...readLine(running, line.slice(0, limits.annotationLineCharactersMax)));
  }
  return [...places, ...running.flatMap((reader) => reader(null) ?? [])];
}

/** All see the line, one tells of it; what another one had been waiting to tell is told too. */
function readLine(running: readonly Reader[], line: string): readonly Place[] {
  let isClaimed = false;
  return running.flatMap((reader) => {
    const places = reader(line);
    if (places === null) return [];
    if (isClaimed && places.some((place) => line.includes(`${place.path}:${place.line}`))) return [];
    isClaimed = true;
    return places;
  });
}

function* absolutePaths(places: readonly Place[]): Iterable<string> {
  for (const { path } of places) if (isAbsolute(path)) yield path.replaceAll('\\', '/');
}

/** pytest and vitest begin with the folder that their paths are of. */
function toldRoot(text: string): string | null {
  return /^(?:rootdir: | RUN {2}v[\w.-]{1,40} )(\/\S{1,1000})$/m.exec(text)?.[1] ?? null;
}

function annotationOf(place: Place, resolve: ResolvePath): Annotation | null {
  const path = place.path.length > limits.pathCharactersMax * 4 ? null : resolve(place.path);
  if (path === null || !isLineNumber(place.line)) return null;
  const { line, endLine = line, column, level } = place;
  const last = isLineNumber(endLine) && endLine > line ? endLine : line;
  const at = column !== null && last === line && isLineNumber(column) ? column : null;
  return { path, line, endLine: last, column: at, level, message: messageOf(place.text) };
}

function isFailure({ level }: Annotation): boolean {
  return level === 'failure';
}
