import { describe, expect, it } from 'vitest';
import { matchingFiles } from '../../src/gates/touched.ts';
import { alternatives } from '../../src/workflow/braces.ts';
import { judge } from './project.ts';

const files = ['README.md', 'src/a.ts', 'src/deep/b.ts', 'src/deep/.hidden.ts', 'docs/README.md'];

describe('a pattern of changed files', () => {
  it.each([
    ['README.md', ['README.md', 'docs/README.md']],
    ['*.ts', ['src/a.ts', 'src/deep/b.ts', 'src/deep/.hidden.ts']],
    ['src/*.ts', ['src/a.ts']],
    ['src/**', ['src/a.ts', 'src/deep/b.ts', 'src/deep/.hidden.ts']],
    ['src/', ['src/a.ts', 'src/deep/b.ts', 'src/deep/.hidden.ts']],
    ['**/README.md', ['README.md', 'docs/README.md']],
    ['./README.md', ['README.md']],
    ['/README.md', ['README.md']],
    ['{src,docs}/*', ['src/a.ts', 'docs/README.md']],
    ['*.go', []],
    ['{**/*.md,**/*.go}', ['README.md', 'docs/README.md']],
    ['{*.md,src/*}', ['README.md', 'src/a.ts']],
    ['!{**/*.md,**/deep/**}', ['src/a.ts']],
    ['!*.ts', ['README.md', 'docs/README.md']],
    ['!src/**', ['README.md', 'docs/README.md']],
    ['!/README.md', ['src/a.ts', 'src/deep/b.ts', 'src/deep/.hidden.ts', 'docs/README.md']],
    ['!**/{*.md,deep/**}', ['src/a.ts']],
  ])('%s matches by base name without `/`, by the whole path with one', (pattern, expected) => {
    expect(matchingFiles(pattern, files)).toEqual(expected);
  });
});

describe('a pattern that nothing hides from', () => {
  it.each([
    ['.env', ['.env']],
    ['.*', ['.env']],
    ['*', ['.env', 'src/A.TS', 'src/new\nline.ts', 'src/é.ts', '-rf', 'src/[id].ts', 'constructor']],
    ['**', ['.env', 'src/A.TS', 'src/new\nline.ts', 'src/é.ts', '-rf', 'src/[id].ts', 'constructor']],
    ['src/**', ['src/A.TS', 'src/new\nline.ts', 'src/é.ts', 'src/[id].ts']],
    ['*.ts', ['src/new\nline.ts', 'src/é.ts', 'src/[id].ts']],
    ['é.ts', ['src/é.ts']],
    ['src/[id].ts', ['src/[id].ts']],
    ['constructor', ['constructor']],
    ['-*', ['-rf']],
    ['src/../.env', []],
  ])('%s: case counts, dots and odd names are names', (pattern, expected) => {
    const odd = ['.env', 'src/A.TS', 'src/new\nline.ts', 'src/é.ts', '-rf', 'src/[id].ts', 'constructor'];
    expect(matchingFiles(pattern, odd)).toEqual(expected);
  });

  it.each(['', '/', './', '!', '!/'])('%j is none, and the gate says so', async (argument) => {
    for (const kind of ['touched', 'untouched'] as const) {
      const result = await judge({ kind, argument, base: {}, order: { files } });
      expect(result).toMatchObject({
        status: 'fail',
        reason: expect.stringContaining('has no pattern to go by'),
      });
    }
  });
});

describe('the braces of a glob', () => {
  it.each([
    ['*.ts', ['*.ts']],
    ['{a,b/{c,d}}.js', ['a.js', 'b/c.js', 'b/d.js']],
    ['{a,b}{1,2}', ['a1', 'a2', 'b1', 'b2']],
    ['x{,y}', ['x', 'xy']],
    ['{id}/{1..3}', ['{id}/{1..3}']],
    ['{id}/{a,b}', ['{id}/a', '{id}/b']],
    ['\\{a,b}', ['\\{a,b}']],
    ['{a,b', ['{a,b']],
    ['}{,', ['}{,']],
  ])('%s is %j', (glob, expected) => {
    expect(alternatives(glob)).toEqual(expected);
  });

  it('are left alone where they are too many', () => {
    const glob = '{a,b}'.repeat(30);
    expect(alternatives(glob)).toEqual([glob]);
  });
});

describe('the gates `touched` and `untouched`', () => {
  it.each([
    ['touched', '*.ts', 'pass', ''],
    ['touched', '*.go', 'fail', 'no changed file matches *.go; changed: '],
    ['untouched', '*.go', 'pass', ''],
    [
      'untouched',
      '*.md',
      'fail',
      '*.md must stay untouched, but these files were changed: README.md, docs/README.md',
    ],
    ['untouched', '!src/', 'fail', 'only src/ may be changed, but so were: README.md, docs/README.md'],
    ['untouched', '!**/{*.ts,*.md}', 'pass', ''],
    ['touched', '!**/{*.ts,*.md}', 'fail', 'no changed file matches !**/{*.ts,*.md}; changed: '],
  ] as const)('%s: %s → %s', async (kind, argument, status, reason) => {
    const result = await judge({ kind, argument, base: {}, order: { files } });
    expect(result.status).toBe(status);
    expect(result.reason.startsWith(reason)).toBe(true);
  });

  it('say that nothing was changed at all', async () => {
    const result = await judge({ kind: 'touched', argument: '*', base: {}, order: { files: [] } });
    expect(result.reason).toBe('no changed file matches *; nothing was changed');
  });
});
