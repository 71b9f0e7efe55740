/** Issues and repositories that change between an event and its handling: no crash, no endless tries, plain words. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RestClient } from '../../../src/github/api/rest.ts';
import { persist } from '../../../src/github/persist.ts';
import { launcher } from '../../../src/github/runs/launch.ts';
import { limits } from '../../../src/limits.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { intercept } from './mortal.ts';
import { label } from './steps.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
let issue: number;
beforeEach(async () => {
  town = await openTown();
  issue = await town.openIssue('Add a greeting', 'Say hello.');
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

const shop = () => town.standin.state.repositories.get('acme/shop');

/** By the handlers as both hosts use them; gives the outcome and what was logged. */
async function handled(event: RepositoryEvent, client: RestClient = town.app.client) {
  const log: string[] = [];
  const order = {
    ...town.eventOf(event),
    ...{ client, config: town.config(), dispatch: launcher(client), claims: new Set<string>() },
    log: () => undefined,
  };
  const say = (message: string, fields = {}) => void log.push(`${message} ${JSON.stringify(fields)}`);
  const outcome = await persist({ order: async () => order, log: say, backoffMs: 1 });
  return {
    outcome,
    log: log.join('\n'),
    tries: log.filter((line) => line.includes('tried again')).length + 1,
  };
}

async function labelled(): Promise<RepositoryEvent> {
  return await label(town, issue, 'gump');
}

async function commanded(): Promise<RepositoryEvent> {
  await town.comment('wilma', issue, '/gump run');
  return town.last('issue_comment', 'created');
}

async function ticked(): Promise<RepositoryEvent> {
  await town.handle(await labelled(), {});
  const [status] = await town.comments(issue);
  await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...{ ...repository, comment_id: status?.id ?? 0 },
    body: status?.body.replace('- [ ] run', '- [x] run') ?? '',
  });
  return town.last('issue_comment', 'edited');
}

const refusal = (status: number, message: string) =>
  Object.assign(new Error(message), { status, response: { headers: {} } });

test.each([
  ['a label', labelled],
  ['a command', commanded],
  ['a tick', ticked],
])('%s on an issue that was deleted or made a discussion is left alone, at the first try', async (_, act) => {
  const event = await act();
  const before = town.dispatches.length;
  shop()?.issues.delete(issue);
  const { outcome, log } = await handled(event);
  expect(outcome).toMatchObject({ done: 'ignored', detail: expect.stringMatching(/gone/) });
  expect(log).toBe('');
  expect(town.dispatches).toHaveLength(before);
});

test.each([
  ['deleted, as GitHub says it', async () => Promise.reject(refusal(410, 'This issue was deleted'))],
  [
    'moved to another repository, where GitHub leads us on',
    async () => ({
      data: {
        number: issue,
        state: 'open',
        labels: [{ name: 'gump' }],
        repository_url: 'https://x/repos/acme/other',
      },
    }),
  ],
])('a label on an issue that was %s makes no spec', async (_, told) => {
  const event = await labelled();
  const client = intercept(town.app.client, async (route, send) =>
    route === 'GET /repos/{owner}/{repo}/issues/{issue_number}' ? await told() : await send(),
  );
  expect((await handled(event, client)).outcome).toMatchObject({
    done: 'ignored',
    detail: expect.stringMatching(/gone/),
  });
  expect(await town.comments(issue)).toEqual([]);
  expect(await town.head(`heads/gump/spec-${issue}`)).toBeNull();
});

test('an issue whose repository was renamed is the same issue', async () => {
  const event = await labelled();
  const client = intercept(town.app.client, async (route, send) => {
    const answer = (await send()) as { data: { repository_url: string; url: string } };
    const isAsked =
      route === 'GET /repos/{owner}/{repo}/issues/{issue_number}' || route === 'GET /repos/{owner}/{repo}';
    if (!isAsked) return answer;
    const url = 'https://x/repos/acme/boutique';
    return { ...answer, data: { ...answer.data, repository_url: url, url } };
  });
  expect((await handled(event, client)).outcome?.done).toBe('proposed');
});

test.each([
  ['a label', labelled],
  ['a command', commanded],
])('%s on a locked issue that takes no word of ours is given up, and the log says why', async (_, act) => {
  const event = await act();
  const client = intercept(town.app.client, async (route, send) => {
    if (route.startsWith('POST') && /\/(?:comments|reactions)$/.test(route))
      throw refusal(403, 'Unable to create comment because issue is locked.');
    return await send();
  });
  const { outcome, log, tries } = await handled(event, client);
  expect(outcome).toBeNull();
  expect(tries).toBe(limits.eventTriesMax);
  expect(log).toContain('because issue is locked');
  expect(town.dispatches).toEqual([]);
});

test.each([
  ['a label', labelled],
  ['a command', commanded],
])('%s in a repository that was archived meanwhile is given up, and the log says why', async (_, act) => {
  const event = await act();
  const before = (await town.comments(issue)).length;
  Object.assign(shop() ?? {}, { archived: true });
  const { outcome, log, tries } = await handled(event);
  expect(outcome).toBeNull();
  expect(tries).toBeLessThanOrEqual(limits.eventTriesMax);
  expect(log).toMatch(/archived/);
  Object.assign(shop() ?? {}, { archived: false });
  expect(await town.comments(issue)).toHaveLength(before);
  expect(town.dispatches).toEqual([]);
});
