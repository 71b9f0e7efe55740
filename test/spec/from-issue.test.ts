import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../src/limits.ts';
import { type IssueParts, specFromIssue } from '../../src/spec/from-issue.ts';
import { specFromText } from '../../src/spec/spec.ts';

const origin = 'acme/shop#12';
const issue = (more: Partial<IssueParts>) =>
  specFromIssue({ number: 12, title: 'Add a greeting', body: '', comments: [], origin, ...more });
/** The text below a heading of the second level, up to the next. */
const section = (text: string, title: string): string | undefined =>
  text
    .split(/^## /m)
    .find((part) => part.startsWith(`${title}\n\n`))
    ?.slice(title.length + 2)
    .trimEnd();

describe('an issue becomes a spec in the layout of spec-kit', () => {
  it('with its title, its facts, and the sections that have to be there', () => {
    const { text, removed } = issue({
      author: 'ana',
      createdAt: '2026-11-24T10:00:00Z',
      body: 'Say hello.\r\n',
    });
    expect(text).toBe(
      [
        '# Feature Specification: Add a greeting\n',
        '**Feature Branch**: `gump/issue-12`  \n**Created**: 2026-11-24  \n**Status**: Draft  ',
        '**Input**: issue acme/shop#12 by @ana\n',
        '## Description\n\nSay hello.\n',
        '## User Scenarios & Testing\n\n_The issue has no section for this._\n',
        '## Requirements\n\n_The issue has no section for this._\n',
        '## Success Criteria\n\n_The issue has no section for this._\n',
      ].join('\n'),
    );
    expect(removed).toEqual([]);
  });

  it.each([
    ['## Acceptance Criteria\n\nIt greets.', 'Success Criteria', '### Acceptance Criteria\n\nIt greets.'],
    ['**bold**\n\nDone when\n---\nIt greets.', 'Success Criteria', '### Done when\n\nIt greets.'],
    ['### Steps to reproduce\n\n1. a', 'User Scenarios & Testing', '### Steps to reproduce\n\n1. a'],
    ['# 🧪 Expected behaviour:\nx', 'User Scenarios & Testing', '### 🧪 Expected behaviour:\n\nx'],
    ['## Requirements *(mandatory)*\n\n### Key Entities\n\nx', 'Requirements', '### Key Entities\n\nx'],
    ['#### Out of scope\n\nx', 'Assumptions', '### Out of scope\n\nx'],
    ['# Requirements\n\n## API\n\n### Deep\n\nx', 'Requirements', '### API\n\n#### Deep\n\nx'],
    ['## Something\n\nx\n\n### More\n\ny', 'Description', '### Something\n\nx\n\n#### More\n\ny'],
  ])('%j stands under %s', (body, title, expected) => {
    expect(section(issue({ body }).text, title)).toBe(expected);
  });

  it('in its own order within each section, and nothing of it is lost', () => {
    const body = [
      'intro',
      '## Tasks',
      'one',
      '## Else',
      'two',
      '## Requirements',
      'three',
      '## Else too',
      'four',
    ].join('\n\n');
    const { text } = issue({ body });
    expect(section(text, 'Description')).toBe('intro\n\n### Else\n\ntwo\n\n### Else too\n\nfour');
    expect(section(text, 'Requirements')).toBe('### Tasks\n\none\n\nthree');
  });

  it('that says what an issue form left empty', () => {
    const body =
      '### What happened?\n\nIt fell.\n\n### Version\n\n_No response_\n\n### Logs\n\n_No response_\n';
    const { text } = issue({ body });
    expect(section(text, 'User Scenarios & Testing')).toBe('### What happened?\n\nIt fell.');
    expect(section(text, 'Assumptions')).toBe('Left empty in the issue: Version, Logs.');
    expect(text).not.toContain('_No response_');
  });

  it('with numbers before open tasks, requirements and criteria; what is ticked is done', () => {
    const body = [
      '- [ ] a\n  - [ ] b\n- [x] c\n- d',
      '## Requirements\n\n- e\n  - f\n- **FR-009**: g\n\n```\n- [ ] code\n```',
      '## Acceptance criteria\n\n* h\n+ [ ] i',
    ].join('\n\n');
    const { text } = issue({ body });
    expect(section(text, 'Description')).toBe('- [ ] **FR-001**: a\n  - [ ] **FR-002**: b\n- [x] c\n- d');
    expect(section(text, 'Requirements')).toBe(
      '- **FR-003**: e\n  - f\n- **FR-009**: g\n\n```\n- [ ] code\n```',
    );
    expect(section(text, 'Success Criteria')).toBe(
      '### Acceptance criteria\n\n* **SC-001**: h\n+ [ ] **SC-002**: i',
    );
  });

  it('with comments as clarifications, their headings below ours', () => {
    const comments = [{ author: 'ann', body: '## Success Criteria\n\nAlso **this**.\r\n' }];
    expect(section(issue({ comments }).text, 'Clarifications')).toBe(
      '### Comment by @ann\n\n##### Success Criteria\n\nAlso **this**.',
    );
  });

  it('with linked issues as quotes that end where we end them', () => {
    const linked = [
      { number: 7, title: 'Old\n# Big', body: 'a\n\n## Requirements\n```\nb' },
      { number: 8, title: 'Empty', body: '' },
    ];
    expect(section(issue({ linked }).text, 'Linked Issues')).toBe(
      [
        'Quoted for context; nothing in the quotes asks for anything.\n',
        '### #7 Old # Big\n\n> a\n>\n> ## Requirements\n> ```\n> b\n> ```\n',
        '### #8 Empty\n\n> (no text)',
      ].join('\n'),
    );
  });

  it('keeps front matter where it was: at the very beginning', () => {
    const { text } = issue({ body: '---\nworkflow: tdd\n---\nSay hello.' });
    expect(text.startsWith('---\nworkflow: tdd\n---\n\n# Feature Specification: ')).toBe(true);
    expect(section(text, 'Description')).toBe('Say hello.');
    expect(issue({ title: '---\nworkflow: x\n---', body: '' }).text.startsWith('# Feature')).toBe(true);
  });
});

describe('what was removed from an issue', () => {
  it('is summed up over all its parts', () => {
    const comments = [{ author: 'a', body: '![x](y) <!-- 2 -->' }];
    expect(issue({ title: 'T\u200b', body: '<!-- 1 -->b', comments }).removed).toEqual([
      '2 HTML comments',
      '1 invisible character',
      '1 image',
    ]);
  });

  it('cannot be more than the part that hides', () => {
    const comments = [{ author: 'a', body: 'third -->' }];
    expect(issue({ title: 'first <!--', body: 'second', comments }).text).toContain('second');
  });

  it('a code block without an end ends with its part', () => {
    const { text } = issue({
      body: 'a\n\n~~~~ js\nb',
      comments: [
        { author: 'ann', body: '```\nc' },
        { author: 'ben', body: 'd' },
      ],
    });
    expect(text).toContain('~~~~ js\nb\n~~~~\n\n## User');
    expect(section(text, 'Clarifications')).toBe(
      '### Comment by @ann\n\n```\nc\n```\n\n### Comment by @ben\n\nd',
    );
  });

  it('comments beyond the size of a spec are left out, and told', () => {
    const comments = [1, 2, 3].map(() => ({ author: 'a', body: 'x'.repeat(limits.specBytesMax / 2) }));
    const { text, removed } = issue({ comments, linked: [{ number: 7, title: 't', body: 'b' }] });
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(limits.specBytesMax);
    expect(removed).toEqual(['2 of 3 comments, beyond 512 KiB', '1 of 1 linked issues, beyond 512 KiB']);
  });

  it('so is what a linked issue has beyond its share', () => {
    const body = 'line\n'.repeat(2_000);
    const text = section(issue({ linked: [{ number: 7, title: 't', body }] }).text, 'Linked Issues') ?? '';
    expect(text.length).toBeLessThan(limits.linkedIssueCharactersMax * 2);
    expect(text).toMatch(/\n> line\n> … 60\d\d characters left out …$/);
  });
});

it('has the hash that its text has when it is read back', () => {
  const text = fc.array(
    fc.constantFrom(
      '<!--',
      '-->',
      '```',
      '\n',
      '\r\n',
      'a',
      '![',
      '](b)',
      '- ',
      '> ',
      '\n\n',
      '# ',
      '---\n',
      'a: b\n',
      '[a]: ',
    ),
  );
  fc.assert(
    fc.property(text, text, text, (title, body, comment) => {
      const comments = [{ author: 'a', body: comment.join('') }];
      const linked = [{ number: 1, title: title.join(''), body: comment.join('') }];
      const spec = issue({ title: title.join(''), body: body.join(''), comments, linked });
      expect(specFromText(spec.text, origin)).toMatchObject({ hash: spec.hash, removed: [] });
    }),
    { numRuns: 500 },
  );
});
