import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Octokit } from '@octokit/rest';
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { limits } from '../../src/index.ts';
import { openTown } from '../standin/demo/town.ts';

test('a spec on its branch that is too large is told at once and in one reply, not tried again and again', async () => {
  const town = await openTown();
  const clone = await mkdtemp(join(tmpdir(), 'gump-large-spec-'));
  try {
    const mara = new Octokit({ auth: town.tokens.maintainer, baseUrl: town.standin.apiUrl });
    const where = { owner: 'acme', repo: 'phrasebook', issue_number: 1 };
    await mara.issues.create({ ...where, title: 'Greeting', body: 'Greet by name.' });
    await mara.issues.addLabels({ ...where, labels: ['gump'] });
    const comments = async () => (await mara.issues.listComments(where)).data;
    await until(async () => (await comments()).some(({ body }) => body?.includes('/gump run')));
    const url = `${town.standin.url.replace('//', `//x-access-token:${town.tokens.maintainer}@`)}/acme/phrasebook.git`;
    const git = (...args: string[]) =>
      execa('git', [
        '-C',
        clone,
        '-c',
        'user.name=mara',
        '-c',
        'user.email=7+mara@users.noreply.127.0.0.1',
        ...args,
      ]);
    await execa('git', ['clone', '--quiet', '--branch', 'gump/spec-1', url, clone]);
    await writeFile(join(clone, 'specs/1-greeting/spec.md'), 'x'.repeat(limits.specBytesMax + 1));
    await git('commit', '--quiet', '--all', '--message', 'more');
    await git('push', '--quiet');
    await sleep(1_100);
    await mara.issues.createComment({ ...where, body: '/gump run' });
    await until(async () => (await comments()).some(({ body }) => body?.includes('Nothing was started')));
    await town.app.idle();
    const replies = (await comments()).filter(({ body }) => body?.includes('Nothing was started'));
    expect(replies).toHaveLength(1);
    expect(replies[0]?.body).toMatch(/spec\.md|spec/);
    expect(replies[0]?.body).not.toContain('status page');
    expect(town.runner.jobs).toEqual([]);
  } finally {
    await town.close();
    await rm(clone, { recursive: true, force: true });
  }
}, 60_000);

/** Within 10 s: six tries would take 48. */
async function until(met: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + 10_000;
  while (!(await met())) {
    if (performance.now() > deadlineMs) throw new Error('waited 10 s in vain');
    await sleep(50);
  }
}
