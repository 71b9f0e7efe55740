import { describe, expect, it } from 'vitest';
import { parseDiff } from './pages/diff.ts';
import { markdown } from './pages/markdown.ts';

describe('markdown', () => {
  const place = { repositoryUrl: '/acme/app', breaks: true };
  const of = (text: string): string => markdown(text, place).html;

  it('is GitHub-flavoured: tables, task lists, strikethrough, bare links, numbers, alerts', () => {
    expect(of('| a |\n|---|\n| 1 |')).toContain('<table>');
    expect(of('- [x] done\n- [ ] open')).toMatch(/☑ done[\s\S]*☐ open/);
    expect(of('~~no~~')).toContain('<s>no</s>');
    expect(of('see https://example.com/a')).toContain('<a href="https://example.com/a">');
    expect(of('see #12, not a#12 nor `#13`')).toContain('<a href="/acme/app/issues/12">#12</a>');
    expect(of('see #12, not a#12 nor `#13`').match(/<a /g)).toHaveLength(1);
    expect(of('> [!WARNING]\n> Careful')).toContain('alert-warning');
    expect(of('report.md')).not.toContain('<a');
  });

  it('lets only a few tags through, without their attributes, and drops comments', () => {
    expect(of('<details open onclick="x()"><summary>More</summary>\n\ntext\n\n</details>')).toContain(
      '<details open><summary>More</summary>',
    );
    expect(of('a<br/>b <sub class="x">c</sub>')).toContain('a<br>b <sub>c</sub>');
    expect(of('a <!-- gump:status {"x":1} --> b')).not.toContain('gump:status');
    expect(of('<!-- whole\n\nblock -->\n\nafter')).toContain('after');
    expect(of('<img src=x onerror=alert(1)>')).toContain('&lt;img');
    expect(of('<div>\n<iframe src="x"></iframe>\n</div>')).not.toContain('<iframe');
    expect(of('[x](javascript:alert(1))')).not.toContain('href');
  });

  it('closes what the text leaves open and ignores what it never opened', () => {
    expect(of('<details><summary>More')).toMatch(/<\/summary><\/details><\/div>$/);
    expect(of('</details></div>')).not.toContain('</details>');
    expect(of('<details>\n\ntext').match(/<\/details>/g)).toHaveLength(1);
  });
});

describe('a diff', () => {
  it('is read with new, removed, renamed, binary and oddly named files', () => {
    const files = parseDiff(
      [
        'diff --git a/new.txt b/new.txt\nnew file mode 100644\n--- /dev/null\n+++ b/new.txt\n@@ -0,0 +1 @@\n+one\n\\ No newline at end of file\n',
        'diff --git a/old.txt b/old.txt\ndeleted file mode 100644\n--- a/old.txt\n+++ /dev/null\n@@ -1,2 +0,0 @@\n-one\n--- two\n',
        'diff --git a/a b.txt b/c.txt\nsimilarity index 100%\nrename from a b.txt\nrename to c.txt\n',
        'diff --git a/i.png b/i.png\nindex 1..2 100644\nBinary files a/i.png and b/i.png differ\n',
        'diff --git "a/\\303\\244.txt" "b/\\303\\244.txt"\n--- "a/\\303\\244.txt"\n+++ "b/\\303\\244.txt"\n@@ -4,2 +4,2 @@ f()\n x\n-y\n+z\n',
      ].join(''),
    );
    expect(files.map((file) => [file.path, file.status, file.binary])).toEqual([
      ['new.txt', 'added', false],
      ['old.txt', 'removed', false],
      ['c.txt', 'renamed', false],
      ['i.png', 'modified', true],
      ['ä.txt', 'modified', false],
    ]);
    expect(files[1]?.lines.map((line) => [line.kind, line.oldLine, line.text])).toEqual([
      ['hunk', null, '@@ -1,2 +0,0 @@'],
      ['removed', 1, 'one'],
      ['removed', 2, '-- two'],
    ]);
    expect(files[4]?.lines.map((line) => [line.oldLine, line.newLine])).toEqual([
      [null, null],
      [4, 4],
      [5, null],
      [null, 5],
    ]);
  });
});
