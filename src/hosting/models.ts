/** `gump models`: every agent that has a name here, and what stands behind it. */
import { agentFamilies } from '../agents/families.ts';
import { type AgentModel, modelOf, namedAgents } from '../agents/models.ts';
import type { AgentConfig } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import { ownFamilies } from '../config/layers.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { standings, type UpstreamStanding } from '../gateway/own-upstreams.ts';
import { findProgram } from '../process/program.ts';
import { familyAmong, knownFamilies, refuseTypedAgent } from '../workflow/agent-names.ts';
import { configurationHere, projectRoot } from './config-layers.ts';
import { usage } from './local-run.ts';

export interface ListedAgent extends AgentModel {
  /** What is started; null where nothing would be. */
  readonly program: string | null;
  readonly installed: boolean;
  /** True where `[agents.<name>]` says something of it. */
  readonly configured: boolean;
  /** The upstream that its table names; null where it names none. */
  readonly upstream: string | null;
}

export interface ListedAgents {
  readonly agents: readonly ListedAgent[];
  /** Those that are known and those of the configuration, and whether their keys are set. */
  readonly upstreams: readonly UpstreamStanding[];
  readonly diagnostics: readonly Diagnostic[];
}

/** Agents of a family, or those of one name; empty where the configuration is broken. */
export function listAgents(dir: string, wanted: string | null, env: Environment): ListedAgents {
  const { config, diagnostics } = configurationHere(projectRoot(dir), env);
  if (!config || hasErrors(diagnostics)) return { agents: [], upstreams: [], diagnostics };
  const own = config.agents;
  const upstreams = standings(config.gateway, env);
  const why = wanted === null ? null : refuseTypedAgent(wanted, [...knownFamilies, ...ownFamilies(own)]);
  if (why) return { agents: [], upstreams, diagnostics: [...diagnostics, usage(why.message, why.hint)] };
  const names = namedAgents(own).filter((name) => wanted === null || modelOf(name, own).family === wanted);
  const listed = names.length === 0 && wanted !== null ? [wanted] : names;
  const searchPath = env.PATH ?? '';
  return { agents: listed.map((name) => listedAgent(name, own, searchPath)), upstreams, diagnostics };
}

function listedAgent(
  name: string,
  own: Readonly<Record<string, AgentConfig>>,
  searchPath: string,
): ListedAgent {
  const model = modelOf(name, own);
  const program = programOf(model.family, own);
  const configured = Object.hasOwn(own, name);
  const table = familyAmong(name, Object.keys(own));
  return {
    ...model,
    program,
    installed: program !== null && findProgram(program, searchPath) !== null,
    configured,
    upstream: table === null ? null : (own[table]?.upstream ?? null),
  };
}

function programOf(family: string, own: Readonly<Record<string, AgentConfig>>): string | null {
  const config = Object.hasOwn(own, family) ? own[family] : undefined;
  if (config?.command) return config.command[0] ?? null;
  if (config?.acp) return config.acp.trim().split(/\s+/)[0] ?? null;
  return agentFamilies.find(({ name }) => name === family)?.command ?? null;
}
