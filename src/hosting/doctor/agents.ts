/** Which agents could be launched: CLIs with their versions, commands of the configuration, and the default agent. */
import { sep } from 'node:path';
import { type AgentFamily, agentFamilies } from '../../agents/families.ts';
import { composeAgents } from '../../compose.ts';
import type { AgentConfig, Config } from '../../config/config.ts';
import type { Environment } from '../../config/environment.ts';
import { defaultAgent } from '../../config/fields.ts';
import { explain } from '../../errors.ts';
import { standings } from '../../gateway/own-upstreams.ts';
import { knownUpstreams, upstreamsOf } from '../../gateway/upstreams.ts';
import { limits } from '../../limits.ts';
import type { AgentRegistry } from '../../ports/agent.ts';
import { childEnvironment } from '../../process/environment.ts';
import { findProgram } from '../../process/program.ts';
import { spawnProcess } from '../../process/spawn.ts';
import type { Configuration } from '../config-layers.ts';
import { gumpVersion } from '../version.ts';
import type { Finding } from './finding.ts';

export async function examineAgents(
  { config }: Configuration,
  env: Environment,
): Promise<readonly Finding[]> {
  const own = config?.agents ?? {};
  const registry = composeAgents({
    version: gumpVersion,
    script: null,
    self: [],
    agents: own,
    upstreams: config?.gateway,
    source: env,
    sandbox: null,
  });
  const searchPath = env.PATH ?? '';
  const families: Finding[] = [];
  // One after the other: some of these programs take a second of two cores to say their version.
  for (const family of agentFamilies) families.push(await examineFamily(family, registry, searchPath));
  const commands = Object.entries(own).flatMap(([name, agent]) => examineCommand(registry, name, agent));
  return [
    ...families,
    ...commands,
    examineKeys(env),
    ...examineUpstreams(config?.gateway ?? {}, env),
    examineDefault(registry, config?.root.default_agent ?? null),
  ];
}

async function examineFamily(
  { name, command, install }: AgentFamily,
  registry: AgentRegistry,
  searchPath: string,
): Promise<Finding> {
  const program = findProgram(command, searchPath);
  if (program === null)
    return { ...agent('note'), message: `${name}: \`${command}\` is not installed`, hint: install };
  const version = await versionOf(program);
  const found = registry.find(name);
  const isDriven = !('problem' in found);
  const message = `${name}: ${version}${isDriven ? '' : '; this version of gump does not drive it yet'}`;
  return { ...agent(isDriven ? 'ok' : 'note'), message, hint: null };
}

/** What the program says of itself; the first line of it. */
async function versionOf(program: string): Promise<string> {
  try {
    const { exitCode, stdout, stderr, timedOut } = await spawnProcess({
      command: [program, '--version'],
      cwd: sep,
      env: childEnvironment(),
      deadlineMs: limits.doctorCommandMs,
      outputBytesMax: 4_096,
    });
    if (timedOut) return `${program} did not tell its version within ${limits.doctorCommandMs / 1_000} s`;
    const line = (stdout.trim() || stderr.trim()).split('\n')[0]?.slice(0, 80) ?? '';
    return exitCode === 0 ? line || program : `${program} --version ended with exit code ${exitCode}`;
  } catch (error) {
    return `${program} cannot be started: ${explain(error)}`;
  }
}

function examineCommand(
  registry: AgentRegistry,
  name: string,
  { command, acp }: AgentConfig,
): readonly Finding[] {
  if (!command && !acp) return [];
  const found = registry.find(name);
  if (!('problem' in found))
    return [{ ...agent('ok'), message: `${name}: ${command?.join(' ') ?? acp}`, hint: null }];
  return [{ ...agent('warning'), message: found.problem, hint: found.hint }];
}

/** Keys of models that the gateway would hold; which variables are set, never what is in them. */
function examineKeys(env: Environment): Finding {
  const names = Object.keys(upstreamsOf(env));
  const known = Object.values(knownUpstreams).flatMap(({ keys }) => keys[0]?.[0] ?? []);
  if (names.length > 0)
    return { ...agent('ok'), message: `keys: calls to ${names.join(', ')} are metered`, hint: null };
  const message = 'keys: none is set, so that agents use their own logins and budgets hold what they report';
  return { ...agent('note'), message, hint: `set one of ${known.join(', ')} to have every call metered` };
}

/** Upstreams of the configuration, and whether their keys are there. */
function examineUpstreams(gateway: Config['gateway'], env: Environment): readonly Finding[] {
  return standings(gateway, env)
    .filter(({ isOwn }) => isOwn)
    .map(({ name, url, apis, variable, isSet }): Finding => {
      const start = `upstream ${name}: ${url} (${apis.join(', ')})`;
      if (variable === null) return { ...agent('ok'), message: `${start}, no key needed`, hint: null };
      if (isSet) return { ...agent('ok'), message: `${start}, key in ${variable}`, hint: null };
      const hint = `set it where gump runs; agents that are sent to ${name} are refused until then`;
      return { ...agent('warning'), message: `${start}, but ${variable} is not set`, hint };
    });
}

/** The one that is asked for where a workflow names none; broken only where somebody chose it. */
function examineDefault(registry: AgentRegistry, chosen: string | null): Finding {
  const name = chosen ?? defaultAgent;
  const found = registry.find(name);
  if (!('problem' in found)) return { ...agent('ok'), message: `default agent: ${name}`, hint: null };
  const status = chosen === null ? 'warning' : 'broken';
  return { ...agent(status), message: `default agent: ${found.problem}`, hint: found.hint };
}

function agent(status: Finding['status']): Pick<Finding, 'check' | 'status'> {
  return { check: 'agent', status };
}
