import { expect, test } from 'vitest';
import type { Event, Fact } from '../../src/events/event.ts';
import type { Site } from '../../src/hosting/github-site.ts';
import { refuseWorkflowFiles } from '../../src/hosting/github-workflow-files.ts';
import { eventsOf, planOf, startOf } from '../engine/given.ts';

const plan = planOf('  - {name: a, type: code, prompt: p, agent: claude}');
const started = { type: 'step_started', step_type: 'code', attempt: 1, agent: 'claude', task: null } as const;
const asks = (step: string, path: string): readonly Fact[] => [
  { ...started, step, session_mode: 'new', base: 'b0' },
  { type: 'hitl_paused', step, attempt: 1, when: 'protected_paths', paths: [path] },
];

function siteOf(login: string): Site {
  const octokit = { graphql: async () => ({ viewer: { login } }) };
  return { options: { pushToken: null }, client: { octokit } } as unknown as Site;
}

test('no yes to a workflow file that could not be pushed, whichever of several questions is about it', async () => {
  const paused: Fact = { type: 'run_paused', run: 'r1', step: 'a', reason: 'a and b wait' };
  const files = ['.github/workflows/ci.yml', 'gump.toml'];
  for (const [one = '', other = ''] of [files, files.toReversed()]) {
    const past: readonly Event[] = eventsOf([startOf(plan), ...asks('a', one), ...asks('b', other), paused]);
    await expect(refuseWorkflowFiles(siteOf('github-actions[bot]'), past)).rejects.toThrow(
      /ci\.yml would be/,
    );
    await expect(refuseWorkflowFiles(siteOf('gump[bot]'), past)).resolves.toBeUndefined();
  }
});
