/** Going on with a run in somebody's repository, in the same ledger. */
import { composeAgents } from '../compose.ts';
import { hasErrors } from '../diagnostic.ts';
import { fold } from '../engine/evolve.ts';
import { openRepository } from '../git/repository.ts';
import { listRuns, readRunFolder, runFolder } from '../ledger/run-folder.ts';
import { decodeSnapshot } from '../playbook/collect.ts';
import type { Spec } from '../spec/spec.ts';
import { resumedFacts } from './facts.ts';
import { execute, type LocalHost, type LocalResult, refused, usage } from './local-run.ts';
import { checkAgents, preparePlan, prepareScript } from './prepare.ts';
import { readScript } from './read-files.ts';

export interface ResumedLocalRun extends LocalHost {
  /** Null: the latest run that did not pass. */
  readonly run: string | null;
  /** Null: the one that the run was started with. */
  readonly agentScript: string | null;
  /** Undefined: as before. */
  readonly maxBudgetUsd: number | undefined;
  readonly resolvePath: (path: string) => string;
}

/** Goes on with a run that did not finish, in the same ledger. @throws GumpError as `startLocalRun`. */
export async function resumeLocalRun(order: ResumedLocalRun): Promise<LocalResult> {
  const repository = await openRepository(order.repository);
  if ('problem' in repository) return refused(repository.problem);
  const run = order.run ?? (await latestUnfinished(repository.root));
  if (run === null)
    return refused(usage('there is no unfinished run here to resume', '`gump status` lists the runs'));
  const { events, spec, snapshot } = await readRunFolder(repository.root, run);
  const started = events.find((event) => event.type === 'run_started');
  if (!started || spec === null || snapshot === null) {
    return refused(
      usage(
        `the run ${run} was lost before it had begun; there is nothing to resume`,
        'start it again with `gump run`',
      ),
    );
  }
  if (fold(events).status === 'pass')
    return refused(
      usage(`the run ${run} has passed; there is nothing to resume`, `merge it with \`gump apply ${run}\``),
    );
  const kept: Spec = { text: spec, hash: started.spec_hash, origin: started.spec_origin, removed: [] };
  const planned = preparePlan({
    run,
    files: decodeSnapshot(snapshot),
    spec: kept,
    base: started.base,
    settings: started.settings,
  });
  const script = prepareScript(
    readScript(order.agentScript ?? started.settings.agent_script ?? null, order.resolvePath),
  );
  if (!('value' in planned && 'value' in script))
    return refused(...planned.diagnostics, ...script.diagnostics);
  const agents = composeAgents({ script: script.value, self: order.self });
  const missing = checkAgents(planned.value, agents);
  if (hasErrors(missing)) return refused(...missing);
  const folder = runFolder(repository.root, run);
  const opening = resumedFacts(run, events, order.maxBudgetUsd);
  return execute({
    host: order,
    repository,
    folder,
    plan: planned.value,
    agents,
    past: events,
    opening,
    diagnostics: [],
  });
}

async function latestUnfinished(root: string): Promise<string | null> {
  const runs = await listRuns(root);
  return runs.find(({ status, problem }) => status !== 'pass' && problem === null)?.run ?? null;
}
