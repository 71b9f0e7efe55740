/** A run in somebody's repository: private trees, result on `gump/run-<id>`, the user's branch and tree untouched. */
import { newRunId } from '../compose.ts';
import { hasErrors } from '../diagnostic.ts';
import { userEnvironment } from '../git/git.ts';
import { excludeOurs } from '../git/repository.ts';
import { createRunFolder, runFolder } from '../ledger/run-folder.ts';
import { encodeSnapshot } from '../playbook/snapshot.ts';
import { startedFact } from './facts.ts';
import { warnOfGates } from './gate-commands.ts';
import { gather, type RunWish } from './gather.ts';
import { agentsHere, execute, type LocalHost, type LocalResult, refused } from './local-run.ts';
import { checkAgents, preparePlan } from './prepare.ts';
import { openHere } from './read-files.ts';

export interface NewLocalRun extends LocalHost, RunWish {}

/** @throws GumpError when the world breaks on the way; the run can be resumed. */
export async function startLocalRun(order: NewLocalRun): Promise<LocalResult> {
  const repository = await openHere(order.repository);
  if ('problem' in repository) return refused(repository.problem);
  const given = await gather(order, repository, 'error');
  if (!('value' in given)) return refused(...given.diagnostics);
  const { spec, files, script, settings } = given.value;
  const run = newRunId(new Date().toISOString());
  const planned = preparePlan({ run, files, spec, base: repository.head, settings });
  const place = { repository, folder: runFolder(repository.root, run), self: order.self };
  const {
    agents,
    isolation,
    upstreams,
    diagnostics: open,
  } = await agentsHere({ ...place, script, settings });
  const missing = 'value' in planned ? checkAgents(planned.value, agents) : [];
  const diagnostics = [...given.diagnostics, ...planned.diagnostics, ...missing, ...open];
  if (!('value' in planned) || hasErrors(diagnostics)) return refused(...diagnostics);

  const at = { cwd: repository.root, env: userEnvironment(), commit: repository.head };
  const gates = await warnOfGates(planned.value, at, settings.validation ?? {});
  await excludeOurs(repository);
  const folder = await createRunFolder({
    root: repository.root,
    run,
    workflow: planned.value.workflow,
    ts: new Date().toISOString(),
    spec: spec.text,
    snapshot: encodeSnapshot(files),
  });
  const opening = [startedFact(planned.value)];
  return execute({
    host: order,
    repository,
    folder,
    plan: planned.value,
    agents,
    isolation,
    upstreams,
    past: [],
    opening,
    diagnostics: [...diagnostics, ...gates],
  });
}
