/** The agents of a run on GitHub, and what isolates them. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { relative } from 'node:path';
import { composeAgents } from '../compose.ts';
import { formatDiagnostic } from '../diagnostic.ts';
import type { Plan } from '../plan/plan.ts';
import type { Isolation } from '../process/isolation.ts';
import { folderOf, need, type Site } from './github-site.ts';
import { isolateGithubRun, refuseIsolation } from './isolation.ts';
import { checkAgents, prepareScript } from './prepare.ts';
import { gumpVersion } from './version.ts';

export interface Isolated {
  readonly agents: ReturnType<typeof composeAgents>;
  readonly isolation: Isolation;
}

/** @throws GumpError `usage` where one of them cannot be had here, or not as isolated as is asked for */
export async function agentsFor(site: Site, plan: Plan): Promise<Isolated> {
  const { options } = site;
  const script = scriptOf(options);
  const { sandbox: mode } = options.settings;
  const wanted = { ...plan.settings.sandbox, ...(mode && { mode }) };
  const isolation = await isolateGithubRun(wanted, site);
  const agents = composeAgents({
    version: gumpVersion,
    script,
    self: options.self,
    folder: folderOf(site),
    agents: plan.settings.agents,
    onRunner: true,
    // As the default branch says it now: a ledger could be pushed by whoever may not write that branch.
    upstreams: site.configuration.config?.gateway,
    sandbox: isolation.sandbox,
  });
  const open = refuseIsolation(wanted, isolation);
  const told = [...checkAgents(plan, agents), ...open];
  need(told, plan);
  for (const warning of told) (options.warn ?? options.log)(formatDiagnostic(warning));
  return { agents, isolation };
}

/** Null where real agents run. */
function scriptOf(options: Site['options']) {
  const { agentScript } = options;
  const text = agentScript === null ? null : readFileSync(agentScript, 'utf8');
  const script = prepareScript(text === null ? null : { file: shownFile(options), text });
  return need(script.diagnostics, 'value' in script ? script : null).value;
}

/** As a person knows it: from the repository's root. */
function shownFile({ agentScript, env }: Site['options']): string {
  const path = relative(realPath(env.GITHUB_WORKSPACE), agentScript ?? '');
  return path === '' || path.startsWith('..') ? (agentScript ?? '') : path;
}

function realPath(folder: string | undefined): string {
  return folder !== undefined && existsSync(folder) ? realpathSync(folder) : '/';
}
