/** Which adapter answers for an agent's name, or why none does. */
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { nearest } from '../diagnostic.ts';
import type { AgentAdapter, AgentRegistry } from '../ports/agent.ts';
import { type AgentFamily, agentFamilies, familyName } from './families.ts';

export interface AgentRegistryOptions {
  /** Answers for every name; null where no agent script was given. */
  readonly scripted: AgentAdapter | null;
  /** Adapters of real CLIs by family name. */
  readonly agents?: Readonly<Record<string, AgentAdapter>>;
  /** Where programs are looked for: a PATH. Default: that of this process. */
  readonly searchPath?: string;
}

/** `pass` is no agent: nothing is launched for it, and the engine never asks. */
export function createAgentRegistry(options: AgentRegistryOptions): AgentRegistry {
  const { scripted, agents = {}, searchPath = process.env.PATH ?? '' } = options;
  return {
    family: familyName,
    find: (agent) => {
      if (scripted) return scripted;
      const name = familyName(agent);
      const adapter = Object.hasOwn(agents, name) ? agents[name] : undefined;
      const family = agentFamilies.find((candidate) => candidate.name === name);
      if (adapter && (!family || isInstalled(family.command, searchPath))) return adapter;
      return family ? missing(agent, family, searchPath, adapter) : unknown(agent);
    },
  };
}

const rehearse = '`--agent-script FILE` plays the agents from a file, free of charge';

function missing(agent: string, family: AgentFamily, searchPath: string, adapter: AgentAdapter | undefined) {
  const { command, install } = family;
  if (!isInstalled(command, searchPath)) {
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

function unknown(agent: string) {
  const names = agentFamilies.map((family) => family.name);
  const near = nearest(familyName(agent), names);
  const meant = near ? `did you mean ${near}? ` : '';
  return {
    problem: `no agent can be launched as ${agent}: the family \`${familyName(agent)}\` is not known`,
    hint: `${meant}known families: ${names.join(', ')}; ${rehearse}`,
  };
}

function isInstalled(command: string, searchPath: string): boolean {
  return searchPath
    .split(path.delimiter)
    .some((folder) => folder !== '' && isExecutable(path.join(folder, command)));
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
