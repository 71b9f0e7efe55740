/** Which adapter answers for an agent's name, or why none does. */
import type { AgentConfig } from '../config/config.ts';
import { nearest } from '../diagnostic.ts';
import type { AgentAdapter, AgentRegistry } from '../ports/agent.ts';
import { familyAmong } from '../workflow/agent-names.ts';
import { type AgentFamily, agentFamilies, familyName } from './families.ts';
import { findProgram } from './programs.ts';

export interface AgentRegistryOptions {
  /** Answers for every name; null where no agent script was given. */
  readonly scripted: AgentAdapter | null;
  /** Adapters of real CLIs by family name. */
  readonly agents?: Readonly<Record<string, AgentAdapter>>;
  /** `[agents.<name>]` of the configuration. */
  readonly own?: Readonly<Record<string, AgentConfig>>;
  /** The adapter of a command of the configuration. */
  readonly commandAgent?: (
    name: string,
    config: AgentConfig & { readonly command: readonly string[] },
  ) => AgentAdapter;
  /** Where programs are looked for: a PATH. Default: that of this process. */
  readonly searchPath?: string;
}

/** `pass` is no agent: nothing is launched for it, and the engine never asks. */
export function createAgentRegistry(options: AgentRegistryOptions): AgentRegistry {
  const { scripted, own = {}, searchPath = process.env.PATH ?? '' } = options;
  const ownName = (agent: string) => familyAmong(agent, Object.keys(own));
  const family = (agent: string) => {
    const name = ownName(agent);
    const config = name === null ? undefined : own[name];
    return config?.command || config?.acp ? (name ?? agent) : (config?.family ?? familyName(agent));
  };
  return {
    family,
    find: (agent) => {
      if (scripted) return scripted;
      const name = ownName(agent);
      const config = name === null ? undefined : own[name];
      if (name !== null && config?.command) return findCommand({ options, searchPath }, agent, name);
      if (config?.acp) return speaksAcp(agent);
      return findFamily({ options, searchPath }, agent, family(agent));
    },
  };
}

interface Search {
  readonly options: AgentRegistryOptions;
  readonly searchPath: string;
}

type Found = ReturnType<AgentRegistry['find']>;

const rehearse = '`--agent-script FILE` plays the agents from a file, free of charge';

function findCommand({ options, searchPath }: Search, agent: string, name: string): Found {
  const { own = {}, commandAgent } = options;
  const config = own[name];
  const [program = ''] = config?.command ?? [];
  if (findProgram(program, searchPath) === null) {
    return {
      problem: `no agent can be launched as ${agent}: its program \`${program}\` is not ${program.startsWith('/') ? 'there' : 'on PATH'}`,
      hint: `install it, or mend \`command\` in [agents.${name}]; ${rehearse}`,
    };
  }
  if (config?.command && commandAgent) return commandAgent(name, { ...config, command: config.command });
  return { problem: `no agent can be launched as ${agent}: commands are not started here`, hint: rehearse };
}

function speaksAcp(agent: string): Found {
  return {
    problem: `no agent can be launched as ${agent}: the Agent Client Protocol (\`acp\`) is not supported yet`,
    hint: `say \`command\` if its program can also read a prompt from standard input; ${rehearse}`,
  };
}

function findFamily({ options, searchPath }: Search, agent: string, name: string): Found {
  const { agents = {} } = options;
  const adapter = Object.hasOwn(agents, name) ? agents[name] : undefined;
  const family = agentFamilies.find((candidate) => candidate.name === name);
  if (adapter && (!family || findProgram(family.command, searchPath) !== null)) return adapter;
  return family ? missing({ agent, family, adapter }, searchPath) : unknown(options, agent, name);
}

interface Wanted {
  readonly agent: string;
  readonly family: AgentFamily;
  readonly adapter: AgentAdapter | undefined;
}

function missing({ agent, family, adapter }: Wanted, searchPath: string): Found {
  const { command, install } = family;
  if (findProgram(command, searchPath) === null) {
    return {
      problem: `no agent can be launched as ${agent}: its program \`${command}\` is not on PATH`,
      hint: adapter
        ? `${rehearse}; or install the program: ${install}`
        : `${rehearse}; the program itself is installed by \`${install}\`, but this version drives agents by script only`,
    };
  }
  return {
    problem: `no agent can be launched as ${agent}: its program \`${command}\` is installed, but this version drives agents by script only`,
    hint: rehearse,
  };
}

function unknown({ own = {} }: AgentRegistryOptions, agent: string, name: string): Found {
  const names = [...agentFamilies.map((family) => family.name), ...Object.keys(own)];
  const near = nearest(name, names);
  const meant = near ? `did you mean ${near}? ` : '';
  return {
    problem: `no agent can be launched as ${agent}: the family \`${name}\` is not known`,
    hint: `${meant}known families: ${names.join(', ')}; ${rehearse}`,
  };
}
