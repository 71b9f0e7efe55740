/** vitest, jest, node --test, mocha: an error, and the first place of the stack below it that is inside the repository. */
import { createText, filePattern, type Place, type ReaderOf } from './reader.ts';

const stack = new RegExp(
  String.raw`^\s*(?:at (?:[^()]*\()?|❯ (?:[^\s:]+ )?)(?:file://)?${filePattern}:(\d{1,10}):(\d{1,10})\)?,?(?: \{)?$`,
);
const error =
  /^\s*(?:[#✖×⎯→]+\s*)?([A-Za-z_$][\w$.]{0,80}(?:Error|Exception)\b.*|(?:Error|error|Uncaught)\b: .*)$/;
/** jest names the test, and then says what is wrong; it need not be called an error. */
const jestTitle = /^\s*● (.+)$/;
const codeFrame = /^\s*>?\s*\d*\s*\|/;
const foreign = /(?:^|\/)node_modules\/|^node:/;

/** @source vitest 5.1, jest 29.7, Node 24, mocha 11 (2026-11) */
export const jsTestReader: ReaderOf = () => {
  const said = createText();
  let title: string | null = null;
  let isOpen = false;

  const begin = (line: string | null, name: string | null): readonly Place[] => {
    said.take();
    title = name;
    isOpen = true;
    if (line !== null) said.add(line.trim());
    return [];
  };

  return (line) => {
    if (line === null) return null;
    const place = stack.exec(line);
    if (place) return stackLine(place);
    const named = jestTitle.exec(line)?.[1];
    if (named !== undefined) return begin(null, named);
    const told = error.exec(line)?.[1];
    // An error within jest's block is its text; anywhere else it is the next one.
    if (told !== undefined && !(title !== null && isOpen && said.isEmpty())) return begin(told, null);
    if (isOpen && !codeFrame.test(line)) said.add(line);
    return null;
  };

  function stackLine([, path = '', row, column]: RegExpExecArray): readonly Place[] {
    if (!isOpen || foreign.test(path)) return [];
    const text = tidy(said.take());
    isOpen = false;
    if (text === '') return [];
    const whole = title === null ? text : `${title}\n${text}`;
    return [{ path, line: Number(row), column: Number(column), level: 'failure', text: whole }];
  }
};

/** Without empty lines, and without the indent that all lines share. */
function tidy(text: string): string {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .join('\n');
}
