/** The one place where adapters are put behind ports. */
import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAcpAgent } from './agents/acp-adapter.ts';
import { createCliAgents, modelFactsOf, type PriceSources } from './agents/cli-agents.ts';
import { createCommandAgent } from './agents/command.ts';
import { createAgentRegistry } from './agents/registry.ts';
import type { AgentScript } from './agents/script.ts';
import { createScriptedAgent } from './agents/scripted-adapter.ts';
import { anyApi, modelVariables, upstreamFor } from './agents/upstreams.ts';
import type { Config } from './config/config.ts';
import { createGateRunner, type GateRunnerOptions } from './gates/runner.ts';
import { openGateway } from './gateway/gateway.ts';
import { allUpstreams, ownKeys, standings } from './gateway/own-upstreams.ts';
import { removeTree } from './git/remove.ts';
import { makeScratch } from './ledger/scratch.ts';
import { limits } from './limits.ts';
import type { AgentRegistry } from './ports/agent.ts';
import type { Ledger } from './ports/ledger.ts';
import type { Sink } from './ports/sink.ts';
import type { System } from './ports/system.ts';
import type { Workspace } from './ports/workspace.ts';
import type { Sandbox } from './process/enclosure.ts';
import { childEnvironment, runMarkName, secretsOf } from './process/environment.ts';
import { createRedactor } from './process/redact.ts';
import { spawnProcess } from './process/spawn.ts';
import { killMarked } from './process/survivors.ts';
import type { Dependencies, Shell } from './runtime/dependencies.ts';

/** The command that starts the scripted agent's program: the host's own entry with one word behind it. */
const scriptedAgentWord = 'scripted-agent';

export interface Composition {
  readonly ledger: Ledger;
  readonly workspace: Workspace;
  readonly agents: AgentRegistry;
  readonly sinks: readonly Sink[];
  readonly system: System;
  /** The run's folder, as a mark on everything that is started for it (`endLostChildren`). */
  readonly folder?: string;
  /** `[validation]` of the user's own configuration. */
  readonly validation?: GateRunnerOptions['validation'];
  /** Agents of the configuration, for the prices that it says. */
  readonly prices?: Config['agents'];
  /** Upstreams of a trusted configuration, read anew for each engine; absent: none. */
  readonly upstreams?: Config['gateway'];
  /** Around gates and context commands; null: none. */
  readonly sandbox: Sandbox | null;
}

export async function composeRun(composition: Composition): Promise<Dependencies> {
  const { folder, validation = {}, prices = {}, upstreams = {}, sandbox, ...parts } = composition;
  const env = childEnvironment(runMark(folder));
  return {
    ...parts,
    ...(await composeGateway({ agents: prices, gateway: upstreams })),
    gates: createGateRunner({ env, validation, sandbox }),
    shell: createShell(env, sandbox),
    scratch: await makeScratch(folder),
    clear: removeTree,
  };
}

/** Ends what lives as long as the run's engine: its gateway, and its folder for single attempts. */
export async function disposeRun({ gateway, scratch }: Dependencies): Promise<void> {
  await gateway?.close();
  // What an agent made unremovable is left to whoever empties /tmp; the run has ended well or badly without it.
  await removeTree(scratch).catch(() => undefined);
}

/** Nothing where there is no key: agents then use their own logins. */
async function composeGateway(sources: PriceSources): Promise<Pick<Dependencies, 'gateway'>> {
  const upstreams = allUpstreams(sources.gateway, process.env);
  if (Object.keys(upstreams).length === 0) return {};
  const modelFacts = (upstream: string, model: string) => modelFactsOf(sources, upstream, model);
  return { gateway: await openGateway({ upstreams, modelFacts }) };
}

export interface AgentChoice {
  readonly script: AgentScript | null;
  /** Program and file that answer to `scripted-agent`: `[node, entry]`. */
  readonly self: readonly string[];
  /** As in `Composition`. */
  readonly folder?: string;
  /** Of gump, for agents to know whom they talk to. */
  readonly version: string;
  /** Agents of the configuration. */
  readonly agents?: Config['agents'] | undefined;
  /** As in `Composition`. */
  readonly upstreams?: Config['gateway'] | undefined;
  /** Where keys are; default: that of this process. */
  readonly source?: Readonly<Record<string, string | undefined>>;
  /** As in `AgentRegistryOptions`. */
  readonly onRunner?: boolean;
  /** Around the agents; null: none. */
  readonly sandbox: Sandbox | null;
}

export function composeAgents(choice: AgentChoice): AgentRegistry {
  const { script, self, folder, version, agents = {}, sandbox, source = process.env } = choice;
  const upstreams = standings(choice.upstreams ?? {}, source);
  const chosen = (name: string) => {
    const upstream = upstreamFor(name, { own: agents, upstreams, apis: anyApi });
    return upstream === null ? {} : { upstream };
  };
  const program = [...self, scriptedAgentWord];
  // Sessions live as long as the run's folder; without one as long as the machine keeps its temporary files.
  const home = join(folder ?? tmpdir(), 'agents');
  const env = childEnvironment(runMark(folder));
  return createAgentRegistry({
    scripted: script === null ? null : createScriptedAgent({ script, self: program, env, sandbox }),
    own: agents,
    onRunner: choice.onRunner ?? false,
    upstreams,
    commandAgent: (name, config) =>
      createCommandAgent({ name, config, env, source: process.env, sandbox, ...chosen(name) }),
    agents: createCliAgents({ own: agents, upstreams, env, homeOf: (family) => join(home, family), sandbox }),
    acpAgent: (name, command) => {
      const { upstream } = chosen(name);
      return createAcpAgent({
        ...{ command, priceOf: () => null, sandbox, version },
        env: (order) => ({ ...env, ...modelVariables(order, upstream) }),
        ...(upstream === undefined ? {} : { upstream: upstream.name }),
      });
    },
  });
}

function runMark(folder: string | undefined): Record<string, string> {
  return folder === undefined ? {} : { [runMarkName]: folder };
}

/** Ends agents and gates that a killed engine of this run left alive; to be called by whoever holds the run's ledger. */
export function endLostChildren(folder: string): Promise<void> {
  return killMarked(`${runMarkName}=${folder}`, limits.killGraceMs);
}

export interface SystemParts {
  /** Secrets known besides those of the environment. */
  readonly secrets?: readonly string[];
  /** Upstreams of the configuration: the variables of their keys may have any name. */
  readonly upstreams?: Config['gateway'];
  /** How a person is asked; absent where nobody is there. */
  readonly ask?: System['ask'];
}

export function composeSystem({ secrets = [], upstreams = {}, ask }: SystemParts): System {
  return {
    now: () => new Date().toISOString(),
    redact: createRedactor([...secretsOf(), ...ownKeys(upstreams, process.env), ...secrets]),
    ask: ask ?? (async () => null),
  };
}

/** `20261123-134501-3f2a`: sorts by time, told apart by four random digits. */
export function newRunId(now: string): string {
  const digits = now.replace(/\D/g, '');
  return `${digits.slice(0, 8)}-${digits.slice(8, 14)}-${randomUUID().slice(0, 4)}`;
}

/** Context commands look, they do not change: the tree is read-only for them. */
function createShell(env: Readonly<Record<string, string>>, sandbox: Sandbox | null): Shell {
  return async (command, { cwd, signal }) => {
    const result = await spawnProcess({
      command: ['sh', '-c', command],
      cwd,
      env,
      signal,
      deadlineMs: limits.contextCommandTimeoutMs,
      // With the line that says what is missing, it is within the limit of the prompt and is not cut again.
      outputBytesMax: limits.contextBytesMax - 100,
      sandbox: sandbox?.enclose({ cwd, access: 'read-only' }) ?? null,
    });
    const ok = result.exitCode === 0;
    const cause = result.timedOut
      ? `no end within ${limits.contextCommandTimeoutMs / 1000} s`
      : `exit code ${result.exitCode}`;
    return {
      ok,
      stdout: result.stdout,
      reason: ok ? '' : `${cause} ${result.stderr.trim().slice(-500)}`.trim(),
    };
  };
}
