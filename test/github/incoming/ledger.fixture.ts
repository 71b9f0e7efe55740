/** Ledgers of runs as a job would have pushed them, for commands that read them. */
import { encodeEvent } from '../../../src/events/codec.ts';
import type { Event, Fact } from '../../../src/events/event.ts';
import { encodeSnapshot } from '../../../src/playbook/snapshot.ts';
import { repository, type Town } from './town.ts';

const workflow = `name: short
max_budget: 5
steps:
  - name: build
    type: code
    prompt: "Build {spec}"
    agent: claude-sonnet
    hitl: after_gate
    gate:
      - bash: test -d src
`;

function startedOn(run: string, base: string): Fact {
  return {
    ...{
      type: 'run_started',
      run,
      workflow: 'short',
      spec_hash: '0'.repeat(64),
      spec_origin: 'acme/shop#1',
      base,
    },
    settings: { default_agent: null, agent: null, max_budget: null, max_parallel: 4, pause_after: null },
    gump: '0.1.0',
  };
}

export const paused = (run: string): Fact => ({
  ...{ type: 'run_paused', run, step: 'build', reason: 'build waits for a person (after_gate)' },
});

export const completed = (run: string, status: 'pass' | 'fail', reason: string | null = null): Fact => ({
  ...{ type: 'run_completed', run, status, duration_ms: 1_000, cost: 1.5, tokens_in: 10, tokens_out: 5 },
  ...{ commit: null, reason },
});

/** Pushes the ledger of a run with these facts behind its beginning. */
export async function putLedger(
  town: Town,
  run: string,
  facts: readonly Fact[],
  specHash = '0'.repeat(64),
): Promise<void> {
  const client = town.as('acme');
  const base = (await town.head('heads/main')) ?? '';
  const ts = '2025-11-26T12:00:00.000Z';
  const events = [{ ...startedOn(run, base), spec_hash: specHash } as Fact, ...facts].map(
    (fact, at): Event => ({ v: 1, seq: at + 1, ts, ...fact }),
  );
  const files = {
    'manifest.ndjson': events.map((event) => `${encodeEvent(event)}\n`).join(''),
    'spec.md': 'Say hello.\n',
    'workflow-snapshot.yaml': encodeSnapshot({
      main: { file: 'short.yaml', text: workflow, prompts: {} },
      called: {},
    }),
  };
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    ...repository,
    tree: Object.entries(files).map(([path, content]) => ({ path, content, mode: '100644', type: 'blob' })),
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...{ ...repository, message: 'gump: ledger', tree: tree.data.sha, parents: [] },
  });
  await client.request('POST /repos/{owner}/{repo}/git/refs', {
    ...{ ...repository, ref: `refs/gump/runs/${run}`, sha: commit.data.sha },
  });
}
