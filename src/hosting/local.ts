/** A run in somebody's repository: private trees, result on `gump/run-<id>`, the user's branch and tree untouched. */
import { readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { composeAgents, composeRun, composeSystem, newRunId } from '../compose.ts';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { fold } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import { GumpError } from '../errors.ts';
import type { Event, Fact, RunSettings } from '../events/event.ts';
import { dirtyFiles, excludeOurs, openRepository, type Repository } from '../git/repository.ts';
import { openWorkspace } from '../git/workspace.ts';
import { openFileLedger } from '../ledger/file.ts';
import { createRunFolder, listRuns, readRunFolder, runFolder } from '../ledger/run-folder.ts';
import { limits } from '../limits.ts';
import type { Plan } from '../plan/plan.ts';
import { decodeSnapshot, encodeSnapshot } from '../playbook/collect.ts';
import type { Sink } from '../ports/sink.ts';
import type { System } from '../ports/system.ts';
import { openPauses } from '../runtime/open.ts';
import { executeRun } from '../runtime/run.ts';
import { readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/spec.ts';
import { checkAgents, preparePlan, prepareScript, prepareWorkflow } from './prepare.ts';

/** What both a new and a continued run are given. */
export interface LocalHost {
  readonly repository: string;
  /** `[node, entry]`, which answers to `scripted-agent`. */
  readonly self: readonly string[];
  readonly sinks: readonly Sink[];
  readonly signal: AbortSignal;
  readonly ask: System['ask'] | null;
  /** Told before the first event: the run's id and branch, and warnings. */
  readonly onStart: (start: {
    readonly run: string;
    readonly branch: string;
    readonly diagnostics: readonly Diagnostic[];
  }) => void;
}

export interface NewLocalRun extends LocalHost {
  readonly workflow: string;
  readonly specPath: string;
  readonly agentScript: string | null;
  readonly settings: RunSettings;
  /** From a path as typed to one that can be opened. */
  readonly resolvePath: (path: string) => string;
}

export type LocalResult =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'ended'; readonly run: string; readonly branch: string; readonly state: RunState };

/** @throws GumpError when the world breaks on the way; the run can be resumed. */
export async function startLocalRun(order: NewLocalRun): Promise<LocalResult> {
  const repository = await openRepository(order.repository);
  if ('problem' in repository) return refused(repository.problem);
  const spec = readSpecFile(order.specPath, order.resolvePath);
  const folders = { project: join(repository.root, '.gump'), user: join(homedir(), '.gump') };
  const files = prepareWorkflow(folders, order.workflow, order.resolvePath);
  const script = prepareScript(readScript(order.agentScript, order.resolvePath));
  const inputs = [order.specPath, order.agentScript, order.workflow].flatMap((path) =>
    path ? [order.resolvePath(path)] : [],
  );
  const dirty = await refuseDirty(repository, inputs);
  const problems = [...spec.diagnostics, ...files.diagnostics, ...script.diagnostics, ...dirty];
  if (!('value' in spec && 'value' in files && 'value' in script) || hasErrors(problems))
    return refused(...problems);

  const run = newRunId(new Date().toISOString());
  const planned = preparePlan({
    run,
    files: files.value,
    spec: spec.value,
    base: repository.head,
    settings: order.settings,
  });
  const agents = composeAgents({ script: script.value, self: order.self });
  const missing = 'value' in planned ? checkAgents(planned.value, agents) : [];
  const diagnostics = [...problems, ...planned.diagnostics, ...missing];
  if (!('value' in planned) || hasErrors(diagnostics)) return refused(...diagnostics);

  await excludeOurs(repository);
  const folder = await createRunFolder({
    root: repository.root,
    run,
    workflow: planned.value.workflow,
    ts: new Date().toISOString(),
    spec: spec.value.text,
    snapshot: encodeSnapshot(files.value),
  });
  const opening = [startedFact(planned.value)];
  return execute({
    host: order,
    repository,
    folder,
    plan: planned.value,
    agents,
    past: [],
    opening,
    diagnostics,
  });
}

function startedFact(plan: Plan): Fact {
  return {
    type: 'run_started',
    run: plan.run,
    workflow: plan.workflow,
    spec_hash: plan.spec.hash,
    spec_origin: plan.spec.origin,
    base: plan.base,
    settings: plan.settings,
    gump: plan.gump,
  };
}

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

/** A resume is the consent that a paused run waits for. */
export function resumedFacts(run: string, events: readonly Event[], maxBudgetUsd?: number): Fact[] {
  const state = fold(events);
  const reason =
    { paused: 'was paused', fail: 'had failed', cancelled: 'was stopped' }[state.status as string] ??
    'was lost';
  const resumed: Fact = {
    type: 'run_resumed',
    run,
    reason,
    ...(maxBudgetUsd === undefined ? {} : { max_budget: maxBudgetUsd }),
  };
  const approvals = openPauses(state).map(({ step, attempt }): Fact => {
    return { type: 'hitl_resumed', step, attempt, approved: true, by: null, reason: null };
  });
  return [resumed, ...approvals];
}

async function latestUnfinished(root: string): Promise<string | null> {
  const runs = await listRuns(root);
  return runs.find(({ status, problem }) => status !== 'pass' && problem === null)?.run ?? null;
}

interface Execution {
  readonly host: LocalHost;
  readonly repository: Repository;
  readonly folder: string;
  readonly plan: Plan;
  readonly agents: ReturnType<typeof composeAgents>;
  readonly past: readonly Event[];
  readonly opening: readonly Fact[];
  readonly diagnostics: readonly Diagnostic[];
}

async function execute({
  host,
  repository,
  folder,
  plan,
  agents,
  past,
  opening,
  diagnostics,
}: Execution): Promise<LocalResult> {
  const branch = `gump/run-${plan.run}`;
  const ledger = await openFileLedger(folder);
  let scratch: string | null = null;
  try {
    const resultRef = { gitDir: repository.commonDir, ref: `refs/heads/${branch}` };
    const workspace = await openWorkspace({
      objects: repository.commonDir,
      dir: folder,
      resultRef,
      base: plan.base,
    });
    const system = composeSystem(host.ask ? { ask: host.ask } : {});
    const dependencies = await composeRun({ ledger, workspace, agents, sinks: host.sinks, system });
    scratch = dependencies.scratch;
    host.onStart({ run: plan.run, branch, diagnostics });
    const state = await executeRun(dependencies, { plan, past, opening, signal: host.signal });
    if (state.status === 'pass') await workspace.dispose();
    return { kind: 'ended', run: plan.run, branch, state };
  } finally {
    await ledger.close();
    if (scratch) rmSync(scratch, { recursive: true, force: true });
  }
}

function readSpecFile(path: string, resolvePath: (path: string) => string) {
  const bytes = readHead(resolvePath(path), limits.specBytesMax + 1);
  if (bytes === null)
    return {
      diagnostics: [
        usage(`the spec ${path} cannot be read`, 'give the path of a markdown file: --spec spec.md'),
      ],
    };
  const read = readSpec({ bytes, origin: path });
  return 'spec' in read ? { value: read.spec, diagnostics: [] } : { diagnostics: read.diagnostics };
}

function readScript(path: string | null, resolvePath: (path: string) => string) {
  if (path === null) return null;
  const bytes = readHead(resolvePath(path), limits.agentScriptBytesMax + 1);
  if (bytes !== null) return { file: path, text: bytes.toString('utf8') };
  throw new GumpError(`the agent script ${path} cannot be read`, {
    code: 'usage',
    hint: 'give the path of a YAML file: --agent-script FILE',
  });
}

function readHead(path: string, bytesMax: number): Buffer | null {
  try {
    return readFileSync(path).subarray(0, bytesMax);
  } catch {
    // The caller says which file it was and what to give instead.
    return null;
  }
}

/** Untracked files count, for an agent would not see them; the files that the command itself names do not. */
async function refuseDirty(
  repository: Repository,
  inputs: readonly string[],
): Promise<readonly Diagnostic[]> {
  const { tracked, untracked } = await dirtyFiles(repository.root);
  const strange = untracked.filter((path) => !inputs.includes(join(repository.root, path)));
  const dirty = [...tracked, ...strange];
  if (dirty.length === 0) return [];
  const shown = dirty.slice(0, 10).join(', ') + (dirty.length > 10 ? ` and ${dirty.length - 10} more` : '');
  return [
    usage(
      `the tree is not clean: ${shown}`,
      'a run starts from the commit that is checked out; commit, stash (`git stash -u`) or ignore these files first',
    ),
  ];
}

export function usage(message: string, hint: string): Diagnostic {
  return { severity: 'error', code: 'usage', message, hint };
}

function refused(...diagnostics: readonly Diagnostic[]): LocalResult {
  return { kind: 'refused', diagnostics };
}
