/** Text that agents, commands and people made, as one line that cannot steer a terminal. */

const escapes = /\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-Z\\-_]/g;
/** Controls, line separators, marks of direction, tag characters: what is not seen but acts. */
const controls =
  /[\x00-\x1f\x7f-\x9f\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\u{e0000}-\u{e007f}]/gu;
const lineEnds = /\r\n|[\n\r\v\f\x85\u2028\u2029]/;

/** The whole text in one line: escape sequences gone, controls as blanks. */
export function oneLine(text: string): string {
  return text.replace(escapes, '').replace(controls, ' ').trimEnd();
}

/** The first line that says something, cut to `charactersMax` with an ellipsis; empty where none does. */
export function firstLine(text: string, charactersMax: number): string {
  for (const line of text.replace(escapes, '').split(lineEnds)) {
    const clean = oneLine(line).trim();
    if (clean !== '') return cut(clean, charactersMax);
  }
  return '';
}

/** All lines, each neutralised; line ends as `\n`. */
export function cleanLines(text: string): readonly string[] {
  return text
    .replace(escapes, '')
    .split(lineEnds)
    .map((line) => oneLine(line.replaceAll('\t', '  ')));
}

function cut(text: string, charactersMax: number): string {
  if (text.length <= charactersMax) return text;
  const characters = Array.from(text);
  return characters.length <= charactersMax ? text : `${characters.slice(0, charactersMax - 1).join('')}…`;
}
