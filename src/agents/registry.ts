/** Which adapter answers for an agent's name, or why none does. */
import type { AgentConfig } from '../config/config.ts';
import type { ModelApi } from '../config/gateway-fields.ts';
import { nearest } from '../diagnostic.ts';
import type { AgentAdapter, AgentRegistry } from '../ports/agent.ts';
import { findProgram } from '../process/program.ts';
import { familyAmong } from '../workflow/agent-names.ts';
import type { CliAgents } from './cli-agents.ts';
import { cliPackages } from './cli-packages.ts';
import { clis } from './clis.ts';
import { type AgentFamily, agentFamilies, familyName } from './families.ts';
import { anyApi, problemOf, type Upstreams } from './upstreams.ts';

export interface AgentRegistryOptions {
  /** Answers for every name; null where no agent script was given. */
  readonly scripted: AgentAdapter | null;
  /** Adapters of real CLIs by family name, for an agent's name and the program that was found. */
  readonly agents?: CliAgents;
  /** `[agents.<name>]` of the configuration. */
  readonly own?: Readonly<Record<string, AgentConfig>>;
  /** The adapter of a command of the configuration. */
  readonly commandAgent?: (
    name: string,
    config: AgentConfig & { readonly command: readonly string[] },
  ) => AgentAdapter;
  /** The adapter of an agent that speaks the Agent Client Protocol: program and arguments. */
  readonly acpAgent?: (name: string, command: readonly string[]) => AgentAdapter;
  /** Whatever `upstream` of an agent may name. */
  readonly upstreams?: Upstreams;
  /** True on a runner, where nobody types a command: the Action's input installs a CLI. */
  readonly onRunner?: boolean;
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
      const apis = apisOf(options, family(agent));
      const why = problemOf(agent, { own, upstreams: options.upstreams ?? [], apis });
      if (why) return { ...why, hint: `${why.hint}; ${rehearse}` };
      const name = ownName(agent);
      const config = name === null ? undefined : own[name];
      if (name !== null && config?.command) return findCommand({ options, searchPath }, agent, name);
      if (name !== null && config?.acp)
        return findAcp({ options, searchPath }, { agent, name, line: config.acp });
      return findFamily({ options, searchPath }, agent, family(agent));
    },
  };
}

/** Of an agent of somebody's own, only its author knows it. */
function apisOf({ own = {} }: AgentRegistryOptions, family: string): readonly ModelApi[] {
  if (Object.hasOwn(own, family) && (own[family]?.command || own[family]?.acp)) return anyApi;
  return clis.find((cli) => cli.family === family)?.apis ?? [];
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

interface AcpAgent {
  readonly agent: string;
  readonly name: string;
  /** As configured: words between blanks, never a line for a shell. */
  readonly line: string;
}

function findAcp({ options, searchPath }: Search, { agent, name, line }: AcpAgent): Found {
  const [program = '', ...args] = line.trim().split(/\s+/);
  const found = findProgram(program, searchPath);
  if (found !== null && options.acpAgent) return options.acpAgent(name, [found, ...args]);
  return {
    problem: `no agent can be launched as ${agent}: its program \`${program}\` is not ${program.startsWith('/') ? 'there' : 'on PATH'}`,
    hint: `install it, or mend \`acp\` in [agents.${name}]; ${rehearse}`,
  };
}

function findFamily({ options, searchPath }: Search, agent: string, name: string): Found {
  const { agents = {} } = options;
  const family = agentFamilies.find((candidate) => candidate.name === name);
  if (!family) return unknown(options, agent, name);
  const program = findProgram(family.command, searchPath);
  const make = Object.hasOwn(agents, name) ? agents[name] : undefined;
  return program !== null && make ? make(agent, program) : missing(options, agent, family);
}

function missing(
  { onRunner = false }: AgentRegistryOptions,
  agent: string,
  { name, command, install }: AgentFamily,
): Found {
  const cli = onRunner ? cliPackages.find(({ family }) => family === name) : undefined;
  const how = cli
    ? `let the Action install it, by its input \`agent-cli: ${cli.names[0]}@VERSION\` (an exact one)`
    : `install it: ${install}`;
  return {
    problem: `no agent can be launched as ${agent}: its program \`${command}\` is not on PATH`,
    hint: `${how}; or rehearse: ${onRunner ? 'the input `agent-script` plays the agents from a file, free of charge' : rehearse}`,
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
