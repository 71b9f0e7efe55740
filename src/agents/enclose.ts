/** What an agent sees of the machine, whoever starts it. */
import { mkdtempSync } from 'node:fs';
import type { AgentOrder } from '../ports/agent.ts';
import type { Enclosure, Sandbox } from '../process/enclosure.ts';

export interface AgentNeeds {
  /** Files of the agent itself; their packages are shown with them. */
  readonly programs?: readonly string[];
  /** The agent's own home, a folder of ours. */
  readonly home?: string;
  /** Folders and files below the user's home that it may read and write, for its own login. */
  readonly login?: readonly string[];
}

/**
 * Who may write shares the HOME of the run's commands. Who may not has one that is new for this attempt, so that nothing
 * which a coder left there is in the way of a judge; so has an agent with a login of its own.
 */
export function encloseAgent(
  sandbox: Sandbox,
  { cwd, access, scratch }: AgentOrder,
  needs: AgentNeeds = {},
): Enclosure {
  const isShared = access === 'read-write' && needs.login === undefined;
  // Beside the scratch folder, not in it: there the agent could put a link in its place.
  const own = isShared ? {} : { home: mkdtempSync(`${scratch}-home-`) };
  return sandbox.enclose({ cwd, access, write: [scratch], ...own, ...needs });
}
