/** go test: names of files without their folder; the package stands behind its failures. */
import { createText, type Place, type ReaderOf } from './reader.ts';

const failure = /^\s{4,}([\w.+-]+\.go):(\d{1,10}): ?(.*)$/;
const packageEnd = /^(?:FAIL|ok {2}|\?? {2,3})\t(\S+)/;
const panic = /^panic: (.+)$/;
const frame = /^\t(\/\S+\.go):(\d{1,10})(?: \+0x[0-9a-f]+)?$/;

interface Found {
  readonly file: string;
  readonly line: number;
  readonly text: string;
}

/** @source go 1.19 to 1.25, package testing (2026-11) */
export const goTestReader: ReaderOf = (known) => {
  const said = createText();
  let open: { file: string; line: number; indent: number } | null = null;
  let found: Found[] = [];
  let panicked: string | null = null;

  const close = (): void => {
    if (open) found.push({ file: open.file, line: open.line, text: said.take() || 'failed' });
    open = null;
  };
  const flush = (folder: string | null): readonly Place[] => {
    close();
    const places = folder === null ? [] : found.map((one) => placeIn(folder, one));
    found = [];
    return places;
  };

  return (line) => {
    if (line === null) return flush(null);
    const [, file = '', row, text = ''] = failure.exec(line) ?? [];
    if (file !== '') {
      close();
      open = { file, line: Number(row), indent: indentOf(line) };
      said.add(text);
      return [];
    }
    if (open && line.trim() !== '' && indentOf(line) > open.indent) {
      said.add(line.trim());
      return [];
    }
    close();
    const name = packageEnd.exec(line)?.[1];
    if (name !== undefined) return line.startsWith('FAIL') ? flush(folderOf(name, known)) : flush(null);
    return panicLine(line);
  };

  /** The first frame outside of Go itself is where it happened. */
  function panicLine(line: string): readonly Place[] | null {
    const began = panic.exec(line)?.[1];
    if (began !== undefined) {
      panicked = began;
      return [];
    }
    const [, path = '', row] = frame.exec(line) ?? [];
    if (path === '') return null;
    if (panicked === null || /\/go(?:-\d[\w.]*)?\/(?:\d[\w.]*\/)?(?:src|pkg\/mod)\//.test(path)) return [];
    const text = `panic: ${panicked}`;
    panicked = null;
    return [{ path, line: Number(row), column: null, level: 'failure', text }];
  }
};

function placeIn(folder: string, { file, line, text }: Found): Place {
  const path = folder === '' ? file : `${folder}/${file}`;
  return { path, line, column: null, level: 'failure', text };
}

/** The folder of a package: the longest one of changed files that its import path ends with; null where none does. */
function folderOf(name: string, known: readonly string[]): string | null {
  const folders = known
    .filter((path) => path.endsWith('.go'))
    .map((path) => path.slice(0, Math.max(0, path.lastIndexOf('/'))));
  const ends = folders.filter((folder) => folder !== '' && name.endsWith(`/${folder}`));
  const [longest] = ends.sort((a, b) => b.length - a.length);
  if (longest !== undefined) return longest;
  // Modules on the usual hosts are named host/owner/repository.
  const hosted =
    /^(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org)\/[^/]+\/[^/]+(?:\/v\d+)?(?:\/(.+))?$/;
  const match = hosted.exec(name.replace(/_test$/, ''));
  if (match) return match[1] ?? '';
  return folders.includes('') && name.split('/').length <= 3 ? '' : null;
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}
