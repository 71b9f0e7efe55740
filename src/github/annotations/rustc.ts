/** rustc, clippy and cargo test: what is wrong first, then `--> src/lib.rs:3:22`; and where a test panicked. */
import { type Level, levelOf } from './annotation.ts';
import { createText, filePattern, type Place, type ReaderOf } from './reader.ts';

const wrong = /^(error|warning)(?:\[([A-Z]\d{1,6})\])?: (.+)$/;
const arrow = new RegExp(String.raw`^\s*--> ${filePattern}:(\d{1,10}):(\d{1,10})$`);
const panic = new RegExp(
  String.raw`^thread '[^']{0,200}'(?: \(\d+\))? panicked at ${filePattern}:(\d{1,10}):(\d{1,10}):?$`,
);
/** Before Rust 1.73. */
const oldPanic = new RegExp(
  String.raw`^thread '[^']{0,200}' panicked at '(.*)', ${filePattern}:(\d{1,10}):(\d{1,10})$`,
);

interface Open {
  readonly level: Level;
  readonly text: string;
}

/** @source rustc and cargo 1.95 (2026-11) */
export const rustcReader: ReaderOf = () => {
  let open: Open | null = null;
  let panicked: Omit<Place, 'text'> | null = null;
  let inBacktrace = false;
  const said = createText();

  const endPanic = (): readonly Place[] => {
    const place = panicked;
    panicked = null;
    const text = said.take();
    return place ? [{ ...place, text: text || 'panicked' }] : [];
  };
  const startPanic = ([, path = '', row, column]: RegExpExecArray): readonly Place[] => {
    const before = endPanic();
    panicked = { path, line: Number(row), column: Number(column), level: 'failure' };
    return before;
  };

  return (line) => {
    if (line === null) return endPanic();
    const begun = panic.exec(line);
    if (begun) return startPanic(begun);
    if (panicked) return panicLine(line);
    if (inBacktrace && /^\s+(?:\d+: |at )/.test(line)) return [];
    inBacktrace = line === 'stack backtrace:';
    const [, text = '', path = '', row, column] = oldPanic.exec(line) ?? [];
    if (path !== '') return [{ path, line: Number(row), column: Number(column), level: 'failure', text }];
    return diagnostic(line);
  };

  function panicLine(line: string): readonly Place[] {
    const isEnd = line === '' || line === 'stack backtrace:' || line.startsWith('note: ');
    if (!isEnd) {
      said.add(line);
      return [];
    }
    inBacktrace = line === 'stack backtrace:';
    return endPanic();
  }

  function diagnostic(line: string): readonly Place[] | null {
    const [, word = '', code, text = ''] = wrong.exec(line) ?? [];
    if (word !== '') {
      open = { level: levelOf(word), text: code ? `${text} (${code})` : text };
      return [];
    }
    const [, path = '', row, column] = arrow.exec(line) ?? [];
    if (path === '') return null;
    // Without a head it is the place of something that a note speaks of.
    const place = open;
    open = null;
    return place ? [{ path, line: Number(row), column: Number(column), ...place }] : [];
  }
};
