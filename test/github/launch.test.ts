import { expect, test } from 'vitest';
import type { RestClient } from '../../src/github/api/rest.ts';
import { noOptions } from '../../src/github/commands/options.ts';
import type { DispatchOrder } from '../../src/github/runs/dispatch.ts';
import { launcher } from '../../src/github/runs/launch.ts';

const order: DispatchOrder = {
  ...{ owner: 'acme', repo: 'shop', ref: 'main', command: 'run', issue: 1, runId: 'issue-1-2' },
  ...{ workflow: null, spec: null, options: noOptions, told: {}, since: '2026-11-01T00:00:00Z' },
};

/** Nothing was started before, and the dispatch is answered so. */
function answering(status: number, message: string, headers: Readonly<Record<string, string>> = {}) {
  const request = async (route: string) => {
    if (!route.endsWith('/dispatches')) return { data: { workflow_runs: [] } };
    throw Object.assign(new Error(message), { status, response: { headers } });
  };
  return launcher({ request } as unknown as RestClient)(order);
}

const told: readonly (readonly [string, number, string, RegExp])[] = [
  ['no file', 404, 'Not Found', /There is no .*gump\.yml/],
  ['a right that is missing', 403, 'Resource not accessible by integration', /"Actions: write"/],
  [
    'a workflow that is disabled',
    422,
    "Cannot trigger a 'workflow_dispatch' on a disabled workflow",
    /Actions page/,
  ],
  ['a file of another version', 422, 'Unexpected inputs provided', /differs from Gump's template/],
];
test.each(told)('what a person can mend is told: %s', async (_, status, message, problem) => {
  expect(await answering(status, message)).toEqual({
    started: false,
    problem: expect.stringMatching(problem),
  });
});

test('a rate limit is no missing right: it is thrown, and the event tried again', async () => {
  const headers = { 'retry-after': '60' };
  await expect(answering(403, 'You have exceeded a secondary rate limit.', headers)).rejects.toThrow(
    /secondary/,
  );
});
