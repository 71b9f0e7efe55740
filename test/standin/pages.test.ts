import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createPagesFixture, hostile, type PagesFixture } from './pages-fixture.ts';
import type { JobRun } from './runner/job-run.ts';

let fixture: PagesFixture;

const job: JobRun = {
  id: '1',
  runId: 1001,
  runNumber: 1,
  runAttempt: 1,
  repository: 'acme/app',
  workflowPath: '.github/workflows/gump.yml',
  workflowName: 'gump',
  jobKey: 'gump',
  name: 'gump',
  matrix: {},
  eventName: 'workflow_dispatch',
  ref: 'refs/heads/main',
  sha: 'a'.repeat(40),
  actor: 'mona',
  inputs: { issue: '1' },
  status: 'in_progress',
  conclusion: null,
  createdAt: '2026-11-03T10:00:00Z',
  startedAt: '2026-11-03T10:00:01Z',
  completedAt: null,
  steps: [{ name: 'Run acme/gump@v1', status: 'in_progress', conclusion: null, exitCode: null }],
  log: [
    '##[group]Run acme/gump@v1',
    '##[endgroup]',
    `\u001b[32mgreen\u001b[0m ${hostile}`,
    '##[error]broken',
  ],
  annotations: [],
  outputs: {},
  stepOutputs: { it: { status: 'success' } },
  summary: `# Timeline\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n${hostile}`,
  exitCode: null,
  dir: '/nowhere',
  lost: false,
};

beforeAll(async () => {
  fixture = await createPagesFixture([job]);
});

afterAll(async () => {
  await fixture.close();
});

async function page(path: string): Promise<string> {
  const { status, text } = await fixture.get(path);
  expect(status, path).toBe(200);
  return text;
}

/** The part of a page between two pieces of text. */
function between(text: string, from: string, to: string): string {
  const start = text.indexOf(from);
  expect(start, from).toBeGreaterThanOrEqual(0);
  const end = text.indexOf(to, start + from.length);
  return text.slice(start, end < 0 ? undefined : end);
}

const paths = (): readonly string[] => [
  '/',
  '/acme/app',
  '/acme/app/issues',
  '/acme/app/issues/1',
  '/acme/app/pulls',
  '/acme/app/pull/2',
  '/acme/app/pull/2/commits',
  '/acme/app/pull/2/checks',
  '/acme/app/pull/2/files',
  `/acme/app/commit/${fixture.shas.head}`,
  '/acme/app/runs/41',
  '/acme/app/actions',
  '/acme/app/actions/runs/1001',
  '/acme/app/tree/gump/issue-1',
  '/acme/app/blob/gump/issue-1/docs/spec.md',
  '/acme/app/blob/gump/issue-1/src/greeting.js',
  '/_deliveries',
  '/_requests',
];

describe('every page', () => {
  it('is there, and shows text from outside as text', async () => {
    for (const path of paths()) {
      const text = await page(path);
      expect(text, path).not.toContain('<script');
      expect(text, path).not.toContain('onerror=');
    }
    expect(await page('/acme/app/issues/1')).toContain('&lt;script&gt;alert(&quot;x&quot;)&lt;/script&gt;');
  });

  it('forbids scripts and everything from elsewhere by its content security policy', async () => {
    for (const path of paths()) {
      const policy = (await fixture.get(path)).headers.get('content-security-policy');
      expect(policy, path).toContain("default-src 'none'");
      expect(policy, path).not.toContain('unsafe');
    }
  });

  it('has links that lead somewhere', async () => {
    const seen = new Set<string>();
    for (const path of paths()) {
      for (const [, address] of (await page(path)).matchAll(/ href="(\/[^"#]*)/g)) {
        if (address !== undefined) seen.add(address);
      }
    }
    seen.delete(`/acme/app/commit/${job.sha}`);
    expect(seen.size).toBeGreaterThan(20);
    for (const address of seen) expect((await fixture.get(address)).status, address).not.toBe(404);
  });

  it('that does not exist is a 404, and a method that writes is refused', async () => {
    for (const path of [
      '/nobody/nothing',
      '/acme/app/pull/99',
      '/acme/app/constructor',
      '/acme/app/commit/zz',
    ]) {
      expect((await fixture.get(path)).status, path).toBe(404);
    }
    const answer = await fetch(`${fixture.url}/acme/app`, { method: 'POST' });
    expect(answer.status).toBe(405);
  });

  it('loads itself again while a job of its repository is going on', async () => {
    expect(await page('/acme/app/pull/2')).toContain('http-equiv="refresh"');
    expect(await page('/_requests')).not.toContain('http-equiv="refresh"');
  });
});

describe('an issue', () => {
  it('shows state, labels, comments with authors, reactions and the marker of an edit', async () => {
    const text = await page('/acme/app/issues/1');
    expect(text).toContain('>Open<');
    expect(between(text, 'class="tag label"', '</span>')).toContain('gump');
    const edited = between(text, 'id="issuecomment-31"', '</article>');
    expect(edited).toContain('· edited');
    expect(edited).toContain('<b>gump</b> <span class="tag">bot</span>');
    const command = between(text, 'id="issuecomment-32"', '</article>');
    expect(command).not.toContain('· edited');
    expect(command).toContain('👀 1');
    expect(command).toContain('🚀 1');
  });

  it('sends the number of a pull request to its page', async () => {
    const { status, headers } = await fixture.get('/acme/app/issues/2');
    expect([status, headers.get('location')]).toEqual([302, '/acme/app/pull/2']);
  });
});

describe('a pull request', () => {
  it('shows draft, commits each with its mark, and the latest check of each name', async () => {
    const text = await page('/acme/app/pull/2');
    expect(text).toContain('>Draft<');
    const rows = between(text, 'class="event"', '</section>');
    expect(rows.split('<li>').map((row) => /mark-(\w+)/.exec(row)?.[1])).toEqual([
      undefined,
      'failed',
      'running',
    ]);
    expect(rows).toContain('decompose/greeting/converge #1');
    const checks = between(text, 'id="checks"', '</section>');
    expect(checks).toContain('/runs/43');
    expect(checks).not.toContain('/runs/42');
  });

  it('tells its story in the order of time: opening, commits, review, checks', async () => {
    const text = await page('/acme/app/pull/2');
    const places = ['Answers <a', 'feat: say goodbye', 'Two remarks.', 'id="checks"', 'id="merge"'];
    const found = places.map((piece) => text.indexOf(piece));
    expect(found).not.toContain(-1);
    expect(found).toEqual(found.toSorted((a, b) => a - b));
  });

  it('says in the merge box how the required check stands', async () => {
    const merge = between(await page('/acme/app/pull/2'), 'id="merge"', '</section>');
    expect(merge).toContain('in_progress');
    expect(merge).toContain('still a draft');
  });

  it('shows each thread of a review with its hunk, replies and whether it is resolved', async () => {
    const review = between(await page('/acme/app/pull/2'), 'id="pullrequestreview-51"', '</article>');
    const [, first, second, third] = review.split('<div class="box">');
    expect(first).toContain('A number is no goodbye.');
    expect(first).toContain('It is a word now.');
    expect(first).toContain('✓ Resolved by mona');
    expect(first).toContain('export const bye = 1;');
    expect(second).toContain('Is this comment needed?');
    expect(second).not.toContain('Resolved');
    expect(third).toContain('outdated');
  });

  it('shows its diff with numbered lines and the threads under their lines', async () => {
    const text = await page('/acme/app/pull/2/files');
    const rows = text.split('<tr');
    const line = rows.findIndex((row) => row.includes('export const bye = &quot;bye&quot;;'));
    expect(rows[line]).toContain('class="added"');
    expect(rows[line]).toContain('<td class="number"></td><td class="number">3</td>');
    expect(rows[line + 1]).toContain('A number is no goodbye.');
    expect(rows[line]).not.toContain('Is this comment needed?');
    expect(rows[line - 1]).toContain('Is this comment needed?');
    expect(text.indexOf('This line is gone.')).toBeLessThan(text.indexOf('A number is no goodbye.'));
    expect(text).toContain('docs/spec.md');
  });
});

describe('a commit', () => {
  it('shows message, trailers, checks and diff', async () => {
    const text = await page(`/acme/app/commit/${fixture.shas.first}`);
    expect(text).toContain('<pre>Because people leave.</pre>');
    expect(text).toContain('<dt>Gump-Attempt</dt><dd class="mono">1</dd>');
    expect(text).toContain('gump / greeting / test');
    expect(text).toContain('export const bye = 1;');
  });

  it('without a parent is shown against nothing', async () => {
    const text = await page(`/acme/app/commit/${fixture.shas.base}`);
    expect(text).toContain('parents: none');
    expect(text).toContain('README.md');
  });
});

describe('a check run', () => {
  it('shows title, summary, text and annotations', async () => {
    const text = await page('/acme/app/runs/41');
    expect(text).toContain('gump / greeting / test ended');
    expect(text).toContain('<strong>failure</strong>');
    expect(text).toContain('log line');
    expect(text).toContain('src/greeting.js:3');
    expect(text).toContain('Not a string');
  });
});

describe('a job run', () => {
  it('shows inputs, outputs, the summary as markdown, and the log without terminal colours', async () => {
    const text = await page('/acme/app/actions/runs/1001');
    expect(text).toContain('<dt>issue</dt><dd class="mono">1</dd>');
    expect(text).toContain('<dt>it.status</dt><dd class="mono">success</dd>');
    expect(text).toContain('<h1>Timeline</h1>');
    expect(text).toContain('<td>1</td>');
    expect(text).toContain('green &lt;script&gt;');
    expect(text).toContain('<span class="error">error: broken</span>');
  });
});
