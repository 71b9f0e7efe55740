/** The App is installed, and the workflow file listens too: every event is handled twice, and everything is done once. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { RepositoryEvent } from '../../standin/world.ts';
import { type Host, openHost, useHost } from './host.ts';
import { label } from './steps.ts';
import { openTown, type Town } from './town.ts';

let town: Town;
let job: Host;
beforeEach(async () => {
  useHost('app');
  town = await openTown();
  useHost('action');
  job = await openHost(town.standin);
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await job.close();
  await town.close();
});

type Order = readonly ('app' | 'job')[];
const orders: readonly { readonly name: string; readonly steps: readonly Order[] }[] = [
  { name: 'the App first', steps: [['app'], ['job']] },
  { name: 'the job first', steps: [['job'], ['app']] },
  { name: 'the App, then both', steps: [['app'], ['app', 'job'], ['job']] },
];

async function tell(event: RepositoryEvent, steps: readonly Order[]): Promise<void> {
  const hosts = { app: () => town.handle(event), job: () => job.deliver(town.eventOf(event)) };
  for (const step of steps) await Promise.all(step.map((host) => hosts[host]()));
}

test.each(orders)(
  'a label, a command and its answer: $name',
  async ({ steps }) => {
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    await tell(await label(town, issue, 'gump'), steps);
    const comment = await town.comment('wilma', issue, '/gump run');
    await tell(town.last('issue_comment', 'created'), steps);
    await town.comment('wilma', issue, '/gump help');
    await tell(town.last('issue_comment', 'created'), steps);
    await town.comment('rudi', issue, '/gump run');
    await tell(town.last('issue_comment', 'created'), steps);
    expect(town.dispatches.map(({ inputs }) => inputs['run-id'])).toEqual([`issue-${issue}-${comment}`]);
    const bodies = (await town.comments(issue)).map(({ body }) => body);
    for (const once of ['gump:status', 'Commands are the first line', 'needs write permission'])
      expect(
        bodies.filter((body) => body.includes(once)),
        once,
      ).toHaveLength(1);
  },
  60_000,
);
