/** A run with nothing faked but its ledger: real git, real gates, and agents as real processes that play a script. */

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseAgentScript } from '../../src/agents/script.ts';
import { createScriptedAgent } from '../../src/agents/scripted-adapter.ts';
import type { RunState } from '../../src/engine/state.ts';
import type { Event } from '../../src/events/event.ts';
import { createGateRunner } from '../../src/gates/runner.ts';
import { removeTree } from '../../src/git/remove.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { openMemoryLedger } from '../../src/ledger/memory.ts';
import type { Plan } from '../../src/plan/plan.ts';
import type { AgentOrder } from '../../src/ports/agent.ts';
import { executeRun } from '../../src/runtime/run.ts';
import { startOf } from '../engine/given.ts';
import type { Fixture } from '../git/repository.fixture.ts';

export interface RealRun {
  readonly state: RunState;
  readonly events: readonly Event[];
}

export interface RealWorld {
  readonly user: Fixture;
  /** Its base is the commit that the user's repository stands on. */
  readonly plan: Plan;
  /** Rules of the agent script, as YAML or JSON. */
  readonly rules: string;
  /** Looks at an order just before its agent starts. */
  readonly look?: (order: AgentOrder) => Promise<void> | void;
  /** Folders of programs that come first for gates. */
  readonly path?: readonly string[];
  /** What a person says; default: nobody is there. */
  readonly ask?: (question: string) => 'approve' | 'reject';
}

export const scratchOf = (user: Fixture): string => join(user.top, 'scratch');

export async function realRun({ user, plan, rules, look, path = [], ask }: RealWorld): Promise<RealRun> {
  const dir = join(user.top, 'run');
  mkdirSync(dir, { recursive: true });
  const workspace = await openWorkspace({ objects: user.gitDir, dir, resultRef: null, base: plan.base });
  const ledger = openMemoryLedger();
  const PATH = [...path, process.env.PATH ?? ''].join(':');
  const adapter = createScriptedAgent({
    script: scriptOf(rules),
    self: [process.execPath, join(import.meta.dirname, '../agents/scripted-agent.ts')],
    env: { PATH, HOME: user.home },
  });
  const state = await executeRun(
    {
      ledger,
      workspace,
      agents: {
        family: (agent) => agent,
        find: () => ({
          launch: async (order, onEvent) => {
            await look?.(order);
            return adapter.launch(order, onEvent);
          },
        }),
      },
      gates: createGateRunner({ env: { PATH, HOME: process.env.HOME ?? '' }, validation: {} }),
      sinks: [],
      system: {
        now: () => new Date().toISOString(),
        redact: (text) => text,
        ask: async (question) => ask?.(question) ?? null,
      },
      shell: async () => ({ ok: false, stdout: '', reason: 'there is no shell' }),
      scratch: scratchOf(user),
      clear: removeTree,
    },
    { plan, past: [], opening: [startOf(plan)], signal: new AbortController().signal },
  );
  await workspace.dispose();
  return { state, events: await ledger.read() };
}

function scriptOf(rules: string) {
  const { script, diagnostics } = parseAgentScript({ file: 'script.yaml', text: `rules: ${rules}` });
  if (!script) throw new Error(JSON.stringify(diagnostics, null, 1));
  return script;
}
