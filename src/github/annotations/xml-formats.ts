/** Reports in XML: JUnit's, as many test runners write it, and Checkstyle's. No entity is expanded, no document type is fetched. */
import sax, { type Tag } from 'sax';
import { limits } from '../../limits.ts';
import { type Level, levelOf } from './annotation.ts';
import { filePattern, type Place } from './reader.ts';

type Attributes = Readonly<Record<string, string>>;

interface Case {
  readonly suite: Attributes;
  readonly test: Attributes;
}

/** What the document says as far as it can be read; `end` is where it ends in the text. */
export function placesOfXml(text: string): { readonly places: readonly Place[]; readonly end: number } {
  const places: Place[] = [];
  const parser = sax.parser(true);
  const open: Tag[] = [];
  let said = '';
  let end = text.length;
  let isOver = false;
  const finish = (at: number): void => {
    if (!isOver) end = at;
    isOver = true;
  };
  parser.onopentag = (opened) => {
    const tag = opened as Tag;
    open.push(tag);
    if (open.length > limits.xmlDepthMax) finish(parser.position);
    if (isFailure(tag.name)) said = '';
    if (tag.name === 'error' && open.at(-2)?.name === 'file') places.push(ofCheckstyle(open.at(-2), tag));
  };
  parser.ontext = parser.oncdata = (part: string) => {
    if (said.length < limits.annotationMessageBytesMax) said += part;
  };
  parser.onclosetag = () => {
    const tag = open.pop();
    if (tag && isFailure(tag.name) && open.at(-1)?.name === 'testcase') {
      places.push(
        ...ofJunit({ suite: suiteOf(open), test: open.at(-1)?.attributes ?? {} }, tag.attributes, said),
      );
    }
    if (open.length === 0) finish(parser.position);
  };
  parser.onerror = () => finish(parser.position);
  for (let start = 0; start < text.length && !isOver; start += chunkCharacters) {
    parser.write(text.slice(start, start + chunkCharacters));
  }
  return { places, end: Math.max(1, end) };
}

/** What follows a document in a log is not parsed along with it. */
const chunkCharacters = 4 * 1024;

function isFailure(name: string): boolean {
  return name === 'failure' || name === 'error';
}

function suiteOf(open: readonly Tag[]): Attributes {
  return open.findLast(({ name }) => name === 'testsuite')?.attributes ?? {};
}

/**
 * Where a case failed: said by attributes, else by its text, else the file alone.
 * @source attributes as written by pytest 9.0, vitest 5.1, Node 24, biome 2.5, jest-junit 16, golangci-lint 2 (2026-11)
 */
function ofJunit({ suite, test }: Case, failure: Attributes, said: string): readonly Place[] {
  const level: Level = 'failure';
  const title = [test.classname, test.name].filter((part) => part && part !== 'test').join(' › ');
  const text = [title, failure.message || said.trim()].filter(Boolean).join('\n');
  const files = [test.file, suite.file, suite.name, test.classname].filter((name) => isFile(name));
  const printed = placeIn(said, files);
  if (printed) return [{ ...printed, level, text }];
  const [path] = files;
  if (path === undefined) return [];
  const line = Number(test.line ?? test.lineno ?? /^line (\d{1,10})\b/.exec(said.trim())?.[1] ?? '1');
  const column = Number(test.column ?? Number.NaN);
  return [{ path, line, column: Number.isNaN(column) ? null : column, level, text }];
}

const place = new RegExp(String.raw`(?:^|[\s(]|file://)${filePattern}:(\d{1,10})(?::(\d{1,10}))?\b`, 'gm');

/** The first place that the text names in one of the files; else the last one that is of no package, where no file is known. */
function placeIn(said: string, files: readonly string[]) {
  const found = [...said.slice(0, limits.annotationMessageBytesMax).matchAll(place)].map(
    ([, path = '', row, column]) => ({
      ...{ path, line: Number(row), column: column === undefined ? null : Number(column) },
    }),
  );
  const ours = found.filter(({ path }) => !/(?:^|\/)(?:node_modules|site-packages|lib\/python\d)/.test(path));
  const same = (path: string) => files.some((file) => path === file || path.endsWith(`/${file}`));
  return ours.find(({ path }) => same(path)) ?? (files.length === 0 ? ours.at(-1) : undefined);
}

function isFile(name: string | undefined): name is string {
  return (
    name !== undefined &&
    /^[^\s:]{1,500}\.[A-Za-z0-9]{1,12}$/.test(name) &&
    (name.includes('/') ||
      /\.(?:[jt]sx?|py|go|rs|rb|php|java|kt|cs|c|cc|cpp|h|json|css|html|mjs|cjs|mts|cts)$/.test(name))
  );
}

/** @source checkstyle.org, XMLLogger: `<file name><error line column severity message source/></file>` (2026-11) */
function ofCheckstyle(file: Tag | undefined, { attributes }: Tag): Place {
  const { line = '1', column = '', severity = 'error', message = '', source = '' } = attributes as Attributes;
  return {
    path: (file?.attributes as Attributes | undefined)?.name ?? '',
    // Line 0 stands for the whole file.
    line: Math.max(1, Number(line)),
    column: Number(column) >= 1 ? Number(column) : null,
    level: levelOf(severity),
    text: source === '' ? message : `${message} (${source})`,
  };
}
