/** pytest in all its styles, and tracebacks of Python: frames and the error, in one order or the other. */
import type { Place, ReaderOf } from './reader.ts';

/** `tests/test_a.py:7: in test_x`, `tests/test_a.py:11: ` */
const frame = /^(\S+\.pyx?):(\d{1,10}):(?: in \S.*)? ?$/;
/** `tests/test_a.py:7: AssertionError`, `/repo/test_a.py:7: ValueError: no` */
const final = /^(\S+\.pyx?):(\d{1,10}): ([A-Za-z_][\w.]*)(?:: .*)?$/;
const error = /^E {3}(.*)$/;
const native = /^\s*File "([^"]{1,500})", line (\d{1,10})(?:, in .*)?$/;
const boundary = /^(?:_{3,}|={3,}|!{3,})/;

interface Frame {
  readonly path: string;
  readonly line: number;
}

/** @source pytest 9.0, Python 3.11 (2026-11) */
export const pythonReader: ReaderOf = () => {
  let last: Frame | null = null;
  let text: string[] = [];
  let inTraceback = false;

  const forget = (): void => {
    last = null;
    text = [];
  };
  /** What was said, at the last frame of ours. */
  const end = (): readonly Place[] => {
    const [at, said] = [
      last,
      text
        .map((one) => one.trim())
        .filter(Boolean)
        .join('\n'),
    ];
    forget();
    return at && said ? [{ ...at, column: null, level: 'failure', text: said }] : [];
  };
  const seeFrame = (path: string, row: string | undefined): readonly Place[] => {
    if (!isForeign(path)) last = { path, line: Number(row) };
    return [];
  };

  return (line) => {
    if (line === null || boundary.test(line)) return end();
    const told = error.exec(line)?.[1];
    if (told !== undefined) return errorLine(told);
    const [, nativePath = '', nativeRow] = native.exec(line) ?? [];
    if (nativePath !== '') return inTraceback ? seeFrame(nativePath, nativeRow) : null;
    if (/^Traceback \(most recent call last\):$/.test(line)) {
      inTraceback = true;
      return [];
    }
    if (inTraceback && /^[\w.]+(?::|$)/.test(line)) return nativeEnd(line);
    return pytestPlace(line);
  };

  function errorLine(told: string): readonly Place[] {
    const [, path = '', row] = native.exec(told) ?? [];
    if (path !== '') {
      text = [];
      return seeFrame(path, row);
    }
    if (text.length < 12) text.push(told);
    return [];
  }

  function nativeEnd(line: string): readonly Place[] {
    inTraceback = false;
    text = [line];
    return end();
  }

  function pytestPlace(line: string): readonly Place[] | null {
    const [, path = '', row] = frame.exec(line) ?? [];
    if (path !== '') return seeFrame(path, row);
    const [, at = '', atRow, name = ''] = final.exec(line) ?? [];
    // Without anything said before, this is some other tool's line.
    if (at === '' || text.length === 0) return null;
    if (!isForeign(at)) last = { path: at, line: Number(atRow) };
    if (!text.some((one) => one.includes(name))) text.unshift(name);
    return end();
  }
};

function isForeign(path: string): boolean {
  return /^<|(?:^|\/)(?:site-packages|dist-packages|lib\/python\d[\d.]*)\//.test(path);
}
