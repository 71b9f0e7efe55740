/** `gump run --dry-run`: what would happen, and every reason why it would not; nothing is started and nothing written. */
import { composeAgents } from '../compose.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { userEnvironment } from '../git/git.ts';
import { describePlan, type PlanDescription } from '../plan/describe.ts';
import { ownGateway } from './config-layers.ts';
import { gateCommands } from './gate-commands.ts';
import { gather, type RunWish } from './gather.ts';
import { checkAgents, preparePlan } from './prepare.ts';
import { priceOfPlan } from './price.ts';
import { openHere } from './read-files.ts';
import { gumpVersion } from './version.ts';

export interface DryRun extends RunWish {
  readonly repository: string;
}

export interface DryRunResult {
  /** Null where a run would be refused for what was asked. */
  readonly plan: PlanDescription | null;
  /** What it would cost, a sentence; null where there is no plan. */
  readonly price: string | null;
  /** Among the warnings is what only keeps a run from starting just now: a tree that is not clean, an agent that is not installed. */
  readonly diagnostics: readonly Diagnostic[];
}

/** @throws GumpError `git` where the repository cannot be read */
export async function dryRun(order: DryRun): Promise<DryRunResult> {
  const repository = await openHere(order.repository);
  if ('problem' in repository) return { plan: null, price: null, diagnostics: [repository.problem] };
  const given = await gather(order, repository, 'warning');
  if (!('value' in given)) return { plan: null, price: null, diagnostics: given.diagnostics };
  const { spec, files, script, settings } = given.value;
  const { root, head } = repository;
  const planned = preparePlan({ run: 'dry-run', files, spec, base: head, settings });
  const problems = [...given.diagnostics, ...planned.diagnostics];
  if (!('value' in planned) || hasErrors(problems)) return { plan: null, price: null, diagnostics: problems };
  const plan = planned.value;
  const agents = composeAgents({
    ...{ script, self: [], version: gumpVersion },
    ...{ agents: settings.agents, upstreams: ownGateway().gateway, sandbox: null },
  });
  const missing = checkAgents(plan, agents).map((problem) => ({ ...problem, severity: 'warning' as const }));
  const place = { cwd: root, env: userEnvironment(), commit: head };
  const commands = await gateCommands(plan, place, settings.validation ?? {});
  const described = describePlan(plan, commands);
  const price = priceOfPlan(described, { tasks: null, agents: settings.agents });
  return { plan: described, price, diagnostics: [...problems, ...missing] };
}
