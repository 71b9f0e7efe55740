/** `[agents.<name>]`: what each table says, and whether it makes an agent. */
import type { Position } from '../diagnostic.ts';
import { agentFamily } from '../workflow/agent-names.ts';
import type { AgentConfig } from './config.ts';
import { type Reading, readEntries, tableOf } from './entries.ts';
import type { Entry, Table } from './toml.ts';
import { isAgentName } from './values.ts';

export function readAgents(reading: Reading, table: Table): Readonly<Record<string, AgentConfig>> {
  const agents = [...table.entries.values()].flatMap((entry): [string, AgentConfig][] => {
    const inner = tableOf(reading, entry);
    if (!inner) return [];
    const agent = readEntries(reading, inner.entries.values(), { section: 'agent', of: entry.key });
    checkAgent(reading, { name: entry.key, at: entry.keyAt, agent, keys: inner.entries });
    return [[entry.key, agent]];
  });
  return Object.fromEntries(agents);
}

interface Named {
  readonly name: string;
  readonly at: Position;
  readonly agent: AgentConfig;
  /** As written, understood or not. */
  readonly keys: ReadonlyMap<string, Entry>;
}

function checkAgent({ problems }: Reading, named: Named): void {
  const why = wrongName(named.name) ?? wrongKind(named) ?? wrongCompany(named);
  if (why) problems.add({ code: 'agent', at: named.at, ...why });
}

type Why = { readonly message: string; readonly hint?: string } | null;

function wrongName(name: string): Why {
  if (name === 'pass') return { message: '`pass` is no agent: it launches nothing' };
  if (isAgentName(name)) return null;
  const message = `\`${name.replace(/[^\x20-\x7e]/g, '?').slice(0, 80)}\` cannot be the name of an agent`;
  return { message, hint: 'letters, digits, `-`, `_`, `.`, at most 64 characters, a letter or digit first' };
}

/** A name is the start of a family's names, or it says what it stands for. */
function wrongKind({ name, agent, keys }: Named): Why {
  const family = agentFamily(name);
  const starts = ['command', 'acp'].filter((key) => keys.has(key));
  if (starts.length > 1) {
    return {
      message: `the agent \`${name}\` has both a \`command\` and an \`acp\` command; it is started by one`,
    };
  }
  if (family !== null && starts.length > 0) {
    const hint = `give the command a name of its own, such as [agents.my-${name}]`;
    return { message: `\`${name}\` is an agent of the ${family} CLI and cannot have a command`, hint };
  }
  if (family !== null && agent.family !== undefined && agent.family !== family) {
    return { message: `\`${name}\` is an agent of the ${family} CLI, not of ${agent.family}` };
  }
  if (family !== null || starts.length > 0 || keys.has('family')) return null;
  const hint =
    'say `command = ["my-agent"]` for an agent of your own, or `family = "claude"` for another name of one';
  return { message: `the agent \`${name}\` does not say how it is started`, hint };
}

function wrongCompany({ name, keys }: Named): Why {
  if (keys.has('env') && !keys.has('command')) {
    return { message: `\`env\` of the agent \`${name}\` goes with a \`command\`, and there is none` };
  }
  if (keys.has('family') && (keys.has('command') || keys.has('acp'))) {
    return { message: `the agent \`${name}\` has a command of its own and cannot be of a \`family\`` };
  }
  return null;
}
