/** Text that templates, replacements, shells, YAML or JSON could take for more than text. */
import fc from 'fast-check';

const pieces =
  '{¦}¦{{¦}}¦{a}¦{{a}}¦{spec}¦{text}¦{v}¦${¦${x}¦$&¦$1¦$$¦$`¦$<a>¦\n¦\r\n¦\r¦\t¦\0¦"¦\'¦\\¦\\n¦\\u0000¦`¦%s¦ ¦\ud800¦\udc00¦😀¦\u2028¦\uFEFF¦<!-- ¦--> ¦&lt;¦- ¦: ¦#'.split(
    '¦',
  );

export const hostileText = fc
  .array(
    fc.oneof(
      { arbitrary: fc.constantFrom(...pieces), weight: 3 },
      fc.string({ unit: 'binary', maxLength: 8 }),
    ),
    { maxLength: 40 },
  )
  .map((all) => all.join(''));
