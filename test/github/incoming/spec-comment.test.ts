import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  newSpecComment,
  shownSpec,
  specBlock,
  withSpec,
} from '../../../src/github/issue-spec/spec-comment.ts';
import { specEnd, specHashMarker, specStart } from '../../../src/github/markers.ts';
import { specFromText } from '../../../src/spec/spec.ts';

const origin = 'acme/shop#7';
const nobody = { value: null, by: null } as const;

function commentOf(text: string): string {
  const spec = specFromText(text, origin);
  const block = specBlock({
    ...{
      spec,
      asOf: '2026-11-26T10:00:00Z',
      quality: [],
      notes: [],
      branch: 'gump/spec-7',
      path: 'specs/7/spec.md',
    },
    ...{ fileUrl: 'https://ghe.example/f', editUrl: 'https://ghe.example/e' },
    run: {
      choices: { workflow: nobody, agent: nobody, maxBudgetUsd: nobody, problems: [], notes: [] },
      facts: { name: 'tdd', agents: [], maxBudgetUsd: 5, problem: null },
      ...{ maxBudgetUsd: null, problems: [], notes: [] },
    },
  });
  return newSpecComment(block);
}

test('a spec of more than a screen is folded, so that the run below it is seen', () => {
  const short = commentOf('line\n'.repeat(60));
  const long = commentOf('line\n'.repeat(61));
  expect(short).not.toContain('<details>');
  expect(long).toContain('<details><summary>The spec, 61 lines</summary>\n\n```markdown\nline\n');
  expect(long).toContain('\n```\n\n</details>\n');
});

const forged = specHashMarker('0'.repeat(64));
const pieces = ['a', '\n', '```', '````markdown', '</details>', '<details>', '<!--', '-->', '`', ' ', '#'];

test('what the comment shows is read back byte for byte, or not at all, whatever the text pretends', () => {
  const text = fc
    .array(fc.constantFrom(...pieces, specStart, specEnd, forged, '\u200b', '~~~'), { maxLength: 160 })
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(text, (said) => {
      const spec = specFromText(said, origin);
      const body = commentOf(said);
      const read = shownSpec(body, origin);
      expect([spec.text, null]).toContain(read?.text ?? null);
      if (read) expect(read.hash).toBe(spec.hash);
      // A spec that is shown anew replaces the whole of the old one.
      expect(withSpec(body, 'NEW').split(specStart)).toHaveLength(2);
    }),
  );
});

test('the usual spec, long or short, is read back', () => {
  for (const lines of [1, 60, 61, 400]) {
    const text = `# Title\n\n${'word\n'.repeat(lines)}\n\`\`\`js\ncode\n\`\`\`\n`;
    expect(shownSpec(commentOf(text), origin)?.text).toBe(specFromText(text, origin).text);
  }
});

test('a spec that somebody changed within our comment is not taken', () => {
  expect(shownSpec(commentOf('Say hello.\n').replace('hello', 'bye'), origin)).toBeNull();
});
