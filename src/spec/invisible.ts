/** Characters that take no room on a page, or that change the order in which others are shown. */

/** @source Unicode 17, Default_Ignorable_Code_Point and Bidi_Control, and fillers that look like nothing, 2026-11 */
const ranges: readonly (readonly [first: number, last: number])[] = [
  [0xad, 0xad], // soft hyphen
  [0x34f, 0x34f], // grapheme joiner
  [0x61c, 0x61c], // Arabic letter mark
  [0x115f, 0x1160], // Hangul fillers
  [0x17b4, 0x17b5], // Khmer inherent vowels
  [0x180b, 0x180f], // Mongolian selectors
  [0x200b, 0x200f], // zero-width characters and marks of direction
  [0x202a, 0x202e], // embeddings and overrides of direction
  [0x2060, 0x206f], // word joiner, invisible operators, isolates
  [0x3164, 0x3164], // Hangul filler
  [0xfe00, 0xfe0f], // variation selectors
  [0xfeff, 0xfeff], // byte order mark
  [0xffa0, 0xffa0], // halfwidth Hangul filler
  [0xfff0, 0xfffb], // annotations
  [0x1bca0, 0x1bca3], // shorthand controls
  [0x1d173, 0x1d17a], // musical controls
  [0xe0000, 0xe0fff], // tags and further variation selectors
];

export const invisibleCharacters: RegExp = new RegExp(
  `[${ranges.map(([first, last]) => `${codePoint(first)}-${codePoint(last)}`).join('')}]`,
  'gu',
);

function codePoint(code: number): string {
  return `\\u{${code.toString(16)}}`;
}
