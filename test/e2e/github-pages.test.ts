/** What a person sees of a run: the stand-in's pages in a real browser. */
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findBrowser, launchBrowser } from './browser.ts';
import { gitIn, openShortTown, type People, shortScript, where } from './github-town.ts';

const program = findBrowser();
const title =
  program === null ? 'pages (skipped: no Chromium on PATH; install it or set CHROME_PATH)' : 'pages';

/** The first attempt is refused for a line; the second is right. */
const script = shortScript().replace(
  '  - step: "**/review/*"\n',
  `  - step: "**/review/*"
    attempt: 1
    verdict:
      pass: false
      comments: One thing is missing.
      findings:
        - {path: src/greeting.js, line: 2, severity: error, body: "An empty name is greeted <script>document.title='owned'</script>"}
        - {path: README.md, line: 1, severity: info, body: Not a line of the diff.}
  - step: "**/review/*"
`,
);

describe.skipIf(program === null)(title, () => {
  let people: People;
  let browser: Browser;
  let page: Page;
  const troubles: string[] = [];
  let issue: number;

  beforeAll(async () => {
    people = await openShortTown({ agentScript: script });
    issue = await people.fileIssue();
    expect((await people.command(issue, '/gump run')).conclusion).toBe('success');
    browser = await launchBrowser(program ?? '');
    page = await browser.newPage({ viewport: { width: 1100, height: 900 } });
    page.on('pageerror', (error) => troubles.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text());
    });
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await people?.town.close();
  });

  const open = async (path: string): Promise<void> => {
    const answer = await page.goto(`${people.town.standin.url}/${where.owner}/${where.repo}/${path}`);
    expect(answer?.status(), path).toBe(200);
  };
  const pull = async (): Promise<number> =>
    (await people.rita.pulls.list({ ...where, state: 'open' })).data[0]?.number ?? 0;
  const shot = async (name: string): Promise<void> => {
    if (process.env.GUMP_SHOTS)
      await page.screenshot({ path: `${process.env.GUMP_SHOTS}/${name}.png`, fullPage: true });
  };

  test('the pull request shows its commits with their check marks', async () => {
    const commits = gitIn(people.town, 'log', '--format=%h %s', 'main..gump/issue-1').split('\n');
    for (const path of [`pull/${await pull()}`, `pull/${await pull()}/commits`]) {
      await open(path);
      await shot(path.replaceAll('/', '-'));
      for (const commit of commits) {
        expect((await page.locator('body').innerText()).replace(/\s+/g, ' ')).toContain(
          `✓ ${commit.slice(0, 7)}`,
        );
      }
    }
  });

  test('the pull request shows its review threads on their lines, and opens one that is settled', async () => {
    await open(`pull/${await pull()}/files`);
    await shot('files');
    const thread = page.locator('details', { hasText: 'Line 2' });
    const remark = page.getByText('An empty name is greeted');
    expect([await thread.isVisible(), await remark.isVisible()]).toEqual([true, false]);
    expect(await thread.innerText()).toContain('Resolved by');
    await thread.locator('summary').click();
    expect(await remark.isVisible()).toBe(true);
    // Between the line that it is about and the next one.
    const [line, box, next] = await Promise.all(
      [page.getByText('export function greeting'), thread, page.getByText('return `Hello')].map(
        async (one) => (await one.first().boundingBox())?.y ?? Number.NaN,
      ),
    );
    expect([line, box, next]).toEqual([line, box, next].sort((a, b) => Number(a) - Number(b)));
  });

  test('the pull request and the issue show the status table; nothing is wider than the window', async () => {
    const paths = [`pull/${await pull()}`, `issues/${issue}`, `pull/${await pull()}/checks`];
    for (const [width, path] of paths.flatMap((one) => [[1100, one] as const, [390, one] as const])) {
      await page.setViewportSize({ width, height: 900 });
      await open(path);
      await shot(`${path.replaceAll('/', '-')}-${width}`);
      const [wide, window] = await page
        .evaluate('[document.documentElement.scrollWidth, innerWidth]')
        .then(Object);
      expect(wide, `${path} at ${width}`).toBeLessThanOrEqual(window);
    }
    await page.setViewportSize({ width: 1100, height: 900 });
    for (const path of paths.slice(0, 2)) {
      await open(path);
      const rows = await page.locator('table tr').allInnerTexts();
      expect(rows.map((row) => row.split(/\s*\t\s*/))).toContainEqual([
        'task-1/converge',
        '2',
        'claude-sonnet',
        'compile ✓ test ✓ review ✓',
        'pass',
      ]);
    }
  });

  test('no page runs what an agent wrote, and none has an error', () => {
    expect(troubles).toEqual([]);
    expect(people.town.standin.violations).toEqual([]);
  });
});
