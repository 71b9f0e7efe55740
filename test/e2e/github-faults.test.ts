import { afterAll, expect, test } from 'vitest';
import type { Town } from '../standin/demo/town.ts';
import { blemishes, treeOf } from './github-facts.ts';
import { botComments, newJob, openShortTown, runJobs, where } from './github-town.ts';

const towns: Town[] = [];
afterAll(async () => {
  for (const town of towns) await town.close();
});

/** What GitHub shows in the end, without what differs between any two runs. */
async function endOfStory(seed: number | null): Promise<unknown> {
  const people = await openShortTown();
  const { town, mara } = people;
  towns.push(town);
  const { data } = await people.rita.issues.create({ ...where, title: 'Greeting', body: 'Greet by name.' });
  const here = { ...where, issue_number: data.number };
  const troubled = async (work: () => Promise<unknown>): Promise<void> => {
    await work();
    if (seed !== null) Object.assign(town.standin.faults, faultsOf(seed));
    await people.settled();
    // People are not what this is about.
    Object.assign(town.standin.faults, { rate: 0, gitRate: 0 });
  };
  await troubled(() => mara.issues.addLabels({ ...here, labels: ['gump'] }));
  await troubled(async () => {
    await mara.issues.createComment({ ...here, body: '/gump run' });
    if (seed !== null) Object.assign(town.standin.faults, faultsOf(seed));
    const job = await newJob(town, 0, 120_000);
    const ended = await town.runner.ended(job.id);
    expect(ended.conclusion).toBe('success');
  });
  expect(await blemishes(town)).toEqual([]);
  expect(runJobs(town)).toHaveLength(1);
  const dump = await town.standin.dump();
  return {
    tree: treeOf(town),
    checks: dump.check_runs
      .filter(({ name }) => name !== 'gump')
      .map(({ name, conclusion, status, output }) => {
        const { title, summary } = output as { readonly title: string; readonly summary: string };
        return withoutNumbers(`${name} ${status} ${conclusion} ${title} ${summary}`);
      })
      .sort(),
    reviews: dump.reviews.map(({ state, body }) => withoutNumbers(`${state} ${body}`)),
    pulls: dump.pulls.map(({ draft, title, state, body }) => ({
      ...{ draft, title, state },
      body: withoutNumbers(String(body)),
    })),
    comments: (await botComments(people, data.number)).map(withoutNumbers),
  };
}

const kinds = ['500', '502', '429', 'drop', 'timeout'] as const;

const faultsOf = (seed: number) =>
  ({ rate: 0.3, kinds: [...kinds], gitRate: 0.15, retryAfterSeconds: 0, timeoutMs: 200, seed }) as const;

function withoutNumbers(body: string): string {
  return body.replace(
    /127\.0\.0\.1:\d+|\d{4}-\d\d-\d\dT[\d:]{8}Z|\d+(?:\.\d+)?(?:ms|m?s\b)|runs\/\d+|issue-1-\d+|\b[0-9a-f]{40}\b/g,
    '…',
  );
}

test("with three of ten API requests and a seventh of git's failing GitHub shows in the end what it shows without", async () => {
  const [plain, troubled] = await Promise.all([endOfStory(null), endOfStory(11)]);
  expect(troubled).toEqual(plain);
}, 240_000);
