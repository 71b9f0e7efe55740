import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { annotationsOfLog } from '../../src/github/annotations/log.ts';
import { limits } from '../../src/limits.ts';
import { judge, manifest } from './project.ts';

const failing = `import assert from 'node:assert/strict';
import { test } from 'node:test';

test('adds', () => {
  assert.equal(1 + 1, 3);
});
`;

const bash = (argument: string, more: Partial<Parameters<typeof judge>[0]> = {}) =>
  judge({ kind: 'bash', argument, base: {}, ...more });
const places = (reports = '') =>
  annotationsOfLog(reports, ['src/a.js']).map((one) => `${one.path}:${one.line} ${one.message}`);
const junit = (file: string, line: number) =>
  `<testsuite name="s"><testcase file="${file}" line="${line}" name="adds"><failure message="no"/></testcase></testsuite>`;
const sarif = (uri: string, startLine: number) => ({
  version: '2.1.0',
  runs: [
    {
      results: [
        {
          ruleId: 'rule',
          level: 'error',
          message: { text: 'said' },
          locations: [{ physicalLocation: { artifactLocation: { uri }, region: { startLine } } }],
        },
      ],
    },
  ],
});

describe('report files of a command that failed', () => {
  it('are those that a real test runner wrote, with paths below the tree', async () => {
    const result = await judge({
      kind: 'test',
      base: {
        'package.json': manifest({
          test: 'node --test --test-reporter=junit --test-reporter-destination=reports/unit.xml test/a.test.js',
        }),
        'test/a.test.js': failing,
      },
      prepare: (cwd) => mkdir(path.join(cwd, 'reports')).then(() => undefined),
    });
    expect(result.status).toBe('fail');
    expect(result.log).not.toContain('<testcase');
    expect(places(result.reports)).toEqual([expect.stringMatching(/^test\/a\.test\.js:[45] adds\n/)]);
  });

  it.each([
    ['junit.xml', junit('src/a.js', 3), 'src/a.js:3 adds\nno'],
    [
      'target/surefire-reports/TEST-a.xml',
      `<?xml version="1.0"?>\n${junit('src/a.js', 3)}`,
      'src/a.js:3 adds\nno',
    ],
    ['build/test-results/test/TEST-a.xml', junit('src/a.js', 3), 'src/a.js:3 adds\nno'],
    ['target/nextest/ci/junit.xml', junit('src/a.rs', 3), 'src/a.rs:3 adds\nno'],
    ['eslint.sarif', JSON.stringify(sarif('src/a.js', 4), null, 2), 'src/a.js:4 said (rule)'],
    ['results/all.sarif.json', JSON.stringify(sarif('src/a.js', 4)), 'src/a.js:4 said (rule)'],
    [
      'build/reports/checkstyle/main.xml',
      '<checkstyle><file name="src/a.js"><error line="5" message="long"/></file></checkstyle>',
      'src/a.js:5 long',
    ],
  ])('are found at %s', async (file, text, expected) => {
    const command = `mkdir -p "$(dirname ${file})" && cat > ${file} <<'END'\n${text}\nEND\nexit 1`;
    expect(places((await bash(command)).reports)).toEqual([expected]);
  });

  it('of several tools are all read, each as it stands', async () => {
    const files = {
      'a.sarif': JSON.stringify(sarif('src/a.js', 1), null, 2),
      'b.sarif': JSON.stringify(sarif('src/b.js', 2), null, 2),
      'c.xml': junit('src/c.js', 3),
    };
    const result = await bash(`for name in a.sarif b.sarif c.xml; do cp "in/$name" "$name"; done; false`, {
      base: Object.fromEntries(Object.entries(files).map(([name, text]) => [`in/${name}`, text])),
    });
    expect(places(result.reports).sort()).toEqual([
      'src/a.js:1 said (rule)',
      'src/b.js:2 said (rule)',
      'src/c.js:3 adds\nno',
    ]);
  });

  it('paths that begin with the tree are known by it', async () => {
    const result = await bash(
      `printf '%s' '<testsuite><testcase file="'"$PWD"'/src/new/deep.js" line="7" name="t"><failure message="no"/></testcase></testsuite>' > junit.xml; false`,
    );
    expect(places(result.reports)).toEqual(['src/new/deep.js:7 t\nno']);
  });

  it('say nothing where they were there before, and where the command passed', async () => {
    const base = { 'junit.xml': junit('src/a.js', 3) };
    expect((await bash('false', { base })).reports).toBe('');
    expect((await bash(`echo '${junit('src/a.js', 3)}' > junit.xml`)).reports ?? '').toBe('');
  });

  it('are left out, with the reason, where they are too large or broken', async () => {
    const large = await bash(`head -c ${limits.gateReportsBytesMax + 1} /dev/zero > junit.xml; false`);
    expect(large.log).toMatch(
      /# the report junit\.xml was not read: it has 1048577 bytes, there is room for 1048576\n$/,
    );
    const broken = await bash(`echo '{"runs": [' > a.sarif; false`);
    expect(broken.log).toContain('# the report a.sarif was not read: ');
    expect(places(broken.reports)).toEqual([]);
  });

  it('are counted where so many were left out that nobody reads the reasons', async () => {
    const many = limits.leftReportsMax + 3;
    const { log = '' } = await bash(`for n in $(seq ${many}); do echo '{"runs": [' > $n.sarif; done; false`);
    expect(log.match(/^# the report \d+\.sarif was not read: /gm)).toHaveLength(limits.leftReportsMax);
    expect(log).toMatch(/# 3 more reports were not read\n$/);
  });

  it('that lead out of the tree, name what is outside, or are no reports, tell nothing', async () => {
    const elsewhere = await mkdtemp(path.join(tmpdir(), 'gump-elsewhere-'));
    await writeFile(path.join(elsewhere, 'x.xml'), junit('src/a.js', 1));
    const outside = await bash(
      `ln -s ${elsewhere}/x.xml linked.xml; ln -s ${elsewhere} reports; mkfifo pipe.xml; ln -s loop.xml loop.xml; false`,
    );
    await rm(elsewhere, { recursive: true });
    expect(outside.reports).toBe('');
    const bad = await bash(
      `echo '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><testsuite/>' > a.xml
echo '${junit('../../etc/passwd', 1)}' > b.xml; echo '<project/>' > pom.xml; false`,
    );
    expect(places(bad.reports)).toEqual([]);
  });
});
