/** Whatever the network does with events (late, twice, out of order), and whoever dies meanwhile: everything once. */
import { env } from 'node:process';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../../src/github/api/client.ts';
import type { RestClient } from '../../../src/github/api/rest.ts';
import { persist } from '../../../src/github/persist.ts';
import { launcher } from '../../../src/github/runs/launch.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
  // Hundreds of stories in one minute: the limits of GitHub are not the subject here.
  Object.assign(town.standin.limits, { contentWritesPerMinute: 1e6, contentWritesPerHour: 1e6 });
  Object.assign(town.standin.limits, { requestsPerHour: 1e6, jobRequestsPerHour: 1e6 });
});
afterAll(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

const told = ['label', 'run', 'again', 'help'] as const;

interface Step {
  readonly event: (typeof told)[number];
  readonly replica: 'one' | 'two';
  /** The replica dies behind so many requests of this event, the last one sent and its answer never read; null: it lives. */
  readonly diesAfter: number | null;
  /** What comes next comes at the same time. */
  readonly beside: boolean;
}

const step = fc.record<Step>({
  event: fc.constantFrom(...told),
  replica: fc.constantFrom('one', 'two'),
  diesAfter: fc.option(fc.integer({ min: 1, max: 14 }), { freq: 2 }),
  beside: fc.boolean(),
});

type Story = Readonly<Record<(typeof told)[number], RepositoryEvent>> & { readonly issue: number };

async function begin(): Promise<Story> {
  const issue = await town.openIssue('Add a greeting', 'Say hello.');
  const labels = { ...repository, issue_number: issue, labels: ['gump'] };
  await town.as('wilma').request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', labels);
  const label = town.last('issues', 'labeled');
  const said = async (body: string): Promise<RepositoryEvent> => {
    await town.comment('wilma', issue, body);
    return town.last('issue_comment', 'created');
  };
  const [run, again] = [await said('/gump run'), await said('/gump run agent=other')];
  return { issue, label, run, again, help: await said('/gump help') };
}

/** A process: what it knows of its own claims dies with it. */
function process() {
  let claims = new Set<string>();
  return async (event: RepositoryEvent, requestsMax: number | null): Promise<void> => {
    const mine = claims;
    const life = { left: requestsMax ?? Number.POSITIVE_INFINITY };
    const client = mortal(town.app.client, life);
    const order = {
      client,
      dispatch: launcher(client),
      claims: mine,
      config: town.config({ takeoverAfterMs: 0 }),
    };
    try {
      await town.handle(event, order);
    } catch {
      if (life.left <= 0) claims = new Set();
    }
  };
}

function mortal(client: RestClient, life: { left: number }): RestClient {
  const request = async (route: string, parameters: object): Promise<unknown> => {
    if (life.left <= 0) throw new Error('the process is dead');
    life.left -= 1;
    const answer = await (client.request as (...all: unknown[]) => Promise<unknown>)(route, parameters);
    if (life.left <= 0) throw new Error('the process is dead');
    return answer;
  };
  return { request: request as unknown as RestClient['request'], graphql: client.graphql };
}

async function live(story: Story, steps: readonly Step[]): Promise<void> {
  const replicas = { one: process(), two: process() };
  let beside: Promise<void>[] = [];
  for (const { event, replica, diesAfter, beside: isBeside } of steps) {
    beside.push(replicas[replica](story[event], diesAfter));
    if (isBeside) continue;
    await Promise.all(beside);
    beside = [];
  }
  await Promise.all(beside);
  // In the end GitHub has sent everything once more to somebody who lives: what was missed is asked for.
  const last = process();
  for (const event of told) await last(story[event], null);
}

test('one run a command, one status comment, one answer, nothing left open', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 3, maxLength: 7 }), async (steps) => {
      const story = await begin();
      const before = town.dispatches.length;
      await live(story, steps);
      const commands = [story.run, story.again].map(({ payload }) => (payload.comment as { id: number }).id);
      const runs = town.dispatches.slice(before).map(({ inputs }) => String(inputs['run-id']));
      expect(runs.toSorted()).toEqual(commands.map((id) => `issue-${story.issue}-${id}`).toSorted());
      const ours = (await town.comments(story.issue)).filter(({ login }) => login === town.app.login);
      expect(ours.filter(({ body }) => body.includes('gump:status'))).toHaveLength(1);
      expect(ours.filter(({ body }) => body.includes('Commands are the first line'))).toHaveLength(1);
      for (const id of commands) expect((await town.reactions(id)).toSorted()).toEqual(['eyes', 'rocket']);
      const { check_runs } = await town.standin.dump();
      expect(check_runs.filter(({ status }) => status !== 'completed')).toEqual([]);
    }),
    { numRuns: Number(env.GUMP_STORIES ?? 10), seed: Number(env.GUMP_SEED ?? 20_261_126) },
  );
}, 120_000);

test('an answer that is lost, whichever it is, changes nothing in the end', async () => {
  const { faults, apiUrl } = town.standin;
  const { octokit: client } = createClient({
    ...{ token: town.app.token, apiUrl, userAgent: 'test', log: () => undefined },
    ...{ retryBaseMs: 1, repeatWrites: true, writesPerMinuteMax: 1e6 },
  });
  let lost = 0;
  for (let answer = 0; lost === answer; answer++) {
    const { run, issue } = await begin();
    const before = town.dispatches.length;
    const claims = new Set<string>();
    const config = town.config();
    const dispatch = launcher(client);
    const order = { ...town.eventOf(run), client, config, dispatch, claims, log: () => undefined };
    faults.dropAfter = answer;
    const outcome = await persist({ order: async () => order, log: () => undefined, backoffMs: 1 });
    if (faults.dropAfter === null) lost += 1;
    faults.dropAfter = null;
    expect(outcome?.done, `answer ${answer} was lost`).toBe('dispatched');
    expect(town.dispatches.length - before, `answer ${answer} was lost`).toBe(1);
    const ours = (await town.comments(issue)).filter(({ login }) => login === town.app.login);
    expect(ours.filter(({ body }) => body.includes('gump:status'))).toHaveLength(1);
  }
  expect(lost).toBeGreaterThan(8);
}, 60_000);
