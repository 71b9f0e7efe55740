/** Performing an attempt: tree, prompt, launch, and what came of it as one durable fact. */
import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentEffect } from '../engine/effect.ts';
import { locate, type Place } from '../engine/place.ts';
import { type ContextText, composePrompt, promptTemplate } from '../engine/prompt.ts';
import { covers } from '../engine/radius.ts';
import { noUsage, type StepState } from '../engine/state.ts';
import { errorBytesMaxOf, errorOfRound, gotOutput } from '../engine/values.ts';
import { GumpError } from '../errors.ts';
import type { Fact, Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentEnd, AgentEvent, AgentOrder } from '../ports/agent.ts';
import type { Tree } from '../ports/workspace.ts';
import { placeholders } from '../template/template.ts';
import type { WorktreeAccess } from '../workflow/workflow.ts';
import { resetTree, treeFor } from './attempt-tree.ts';
import { bookEnd } from './book-end.ts';
import { gatherContext } from './context.ts';
import type { Stage } from './dependencies.ts';
import { reportWrite } from './forbidden-write.ts';
import { type Meter, openMeter } from './meter.ts';
import { renderAt } from './render.ts';
import { type Watch, watchAttempt } from './watch.ts';

/** An attempt on its way: the effect, and the tree it works in. */
export interface Flight {
  readonly effect: AgentEffect;
  readonly base: string;
  readonly tree: Tree;
  /** True where nothing may be written. */
  readonly readOnly: boolean;
  readonly resultFile: string;
  /** Writes that the agent tried where none is allowed, and that were prevented. */
  readonly denied: Set<string>;
  readonly deeds: Deeds;
}

/** What the agent's stream told of its doing. */
interface Deeds {
  toolCalls: number;
  launchedAt: string | null;
  firstChangeAt: string | null;
}

const noDeeds: Deeds = { toolCalls: 0, launchedAt: null, firstChangeAt: null };

export async function performAgent(stage: Stage, effect: AgentEffect, signal: AbortSignal): Promise<void> {
  const { place, step } = placeOf(stage, effect);
  if (step.attempt?.guard) return bookBreach(stage, effect, step.attempt.launch?.usage ?? noUsage);
  const base = await resetTree(stage, effect);
  const scratch = join(stage.scratch, folderName(effect.id));
  await stage.clear(scratch);
  await mkdir(scratch, { recursive: true });
  const tree = await treeFor(stage, { effect, place, base, scratch });
  const { worktree, guard } = place.node.step;
  const readOnly = effect.judging || worktree !== 'read-write' || guard.noWrite;
  const resultFile = join(scratch, 'result.json');
  const denied = new Set<string>();
  const flight: Flight = { effect, base, tree, readOnly, resultFile, denied, deeds: { ...noDeeds } };
  const prompts = await promptsFor(stage, { place, step, flight, signal });
  // Nobody wants it any more, and nothing has been spent on it.
  if (signal.aborted) return;
  await bookEnd(stage, flight, await launch(stage, { flight, place, prompts, scratch, signal }));
  // The attempt has ended and is booked: what stays goes with the run's own folder, or stays in the way of nobody.
  await stage.clear(scratch).catch(() => undefined);
}

/** Its engine was lost between the breach of a guard and the end of the attempt: only the end is missing. */
function bookBreach(stage: Stage, effect: AgentEffect, usage: Usage): Promise<void> {
  const tree = { dir: '', commit: effect.base };
  const flight = {
    effect,
    base: effect.base,
    tree,
    readOnly: true,
    resultFile: '',
    denied: new Set<string>(),
    deeds: noDeeds,
  };
  return bookEnd(stage, flight, { ...neverLaunched('its engine was lost'), outcome: 'killed', usage });
}

/** File names have a limit that nested paths may pass; then a digest keeps them apart. */
function folderName(id: string): string {
  const name = id.replaceAll('/', '.');
  if (name.length <= 120) return name;
  return `${name.slice(-80)}-${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

function placeOf(stage: Stage, effect: AgentEffect): { place: Place; step: StepState } {
  const place = locate(stage.plan, stage.state(), effect.path);
  if (!place?.step)
    throw new GumpError(`the attempt ${effect.id} has no step in the plan`, { code: 'internal' });
  return { place, step: place.step };
}

interface PromptWish {
  readonly place: Place;
  readonly step: StepState;
  readonly flight: Flight;
  readonly signal: AbortSignal;
}

type Prompts = Pick<AgentOrder, 'prompt' | 'promptAnew'>;

async function promptsFor(stage: Stage, { place, step, flight, signal }: PromptWish): Promise<Prompts> {
  const { session } = flight.effect;
  const context = await gatherContext(stage, { place, cwd: flight.tree.dir, signal });
  const promptOf = (mode: 'new' | 'resume') => composeFor(stage, { place, step, flight, context, mode });
  const prompt = await promptOf(session.mode);
  return { prompt, promptAnew: session.mode === 'new' ? prompt : await promptOf('new') };
}

interface ComposeWish extends Omit<PromptWish, 'signal'> {
  readonly context: readonly ContextText[];
  readonly mode: 'new' | 'resume';
}

async function composeFor(
  stage: Stage,
  { place, step, flight, context, mode }: ComposeWish,
): Promise<string> {
  const template = promptTemplate(place, step, mode);
  const world = { plan: stage.plan, state: stage.state() };
  // A step without a prompt of its own is told what its `get.workflow` has said.
  const got = place.node.step.prompt === null ? gotOutput(world, place) : '';
  const own = await renderAt(stage, place, template);
  const rendered = got === '' ? own : `${got}\n\n${own}`;
  const { resultFile } = flight;
  return composePrompt({
    place,
    step,
    rendered,
    context,
    resultFile,
    roundBefore: namesError(template) ? '' : errorOfRound(world, place),
    errorBytesMax: errorBytesMaxOf(stage.plan),
  });
}

function namesError(template: string): boolean {
  return placeholders(template).some(({ name }) => name === 'error');
}

interface Launch {
  readonly flight: Flight;
  readonly place: Place;
  readonly prompts: Prompts;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

async function launch(stage: Stage, { flight, place, prompts, scratch, signal }: Launch): Promise<AgentEnd> {
  const { effect, tree, resultFile } = flight;
  const adapter = stage.agents.find(effect.agent);
  if ('problem' in adapter) return neverLaunched(`${adapter.problem}; ${adapter.hint}`);
  const { path: step, attempt, agent, session } = effect;
  const session_id = session.mode === 'resume' ? session.id : null;
  await stage.recorder.emit({
    type: 'agent_launched',
    step,
    attempt,
    agent,
    prompt_hash: hashOf(prompts.prompt),
    session_id,
  });
  // R4: a machine that is lost from here on leaves the announcement behind.
  await stage.barrier();
  flight.deeds.launchedAt = stage.system.now();
  const meter = await openMeter(stage, effect, adapter);
  const watch = watchAttempt(stage, effect, { guard: place.node.step.guard, movedAtMs: meter.movedAtMs });
  const order: AgentOrder = {
    agent,
    step,
    attempt,
    stepKind: effect.stepKind,
    session,
    ...prompts,
    cwd: tree.dir,
    access: accessOf(flight, place),
    ...mayWriteOf(place),
    scratch,
    resultFile,
    ...(meter.models === undefined ? {} : { models: meter.models }),
    onAlive: watch.alive,
    signal,
  };
  try {
    return await meter.settle(
      await adapter.launch(order, (event) => hear(stage, flight, { meter, watch, event, prompts })),
    );
  } finally {
    watch.stop();
  }
}

function accessOf({ readOnly }: Flight, { node }: Place): WorktreeAccess {
  return readOnly && node.step.worktree === 'read-write' ? 'read-only' : node.step.worktree;
}

/** Who asks before it writes is held to the task's files. */
function mayWriteOf({ node, frames }: Place): Pick<AgentOrder, 'mayWrite'> {
  const files = node.step.kind === 'code' ? frames.at(-1)?.task?.files : null;
  return files ? { mayWrite: (path) => covers(files, path) } : {};
}

interface Heard {
  readonly meter: Meter;
  readonly watch: Watch;
  readonly event: AgentEvent;
  readonly prompts: Prompts;
}

async function hear(stage: Stage, flight: Flight, { meter, watch, event, prompts }: Heard): Promise<void> {
  const { effect, denied, deeds, tree } = flight;
  watch.alive();
  if (event.type === 'tool') deeds.toolCalls++;
  if (event.type === 'write' && event.denied && denied.size < limits.toolPathsMax)
    denied.add(event.path.slice(0, limits.systemPathBytesMax));
  if (event.type === 'write' && !event.denied) deeds.firstChangeAt ??= stage.system.now();
  if (event.type === 'write' && !event.denied && flight.readOnly)
    await reportWrite(stage, effect, { path: event.path, dir: tree.dir });
  if (event.type === 'session_lost')
    await stage.recorder.emit(...lostSession(effect, event.id, hashOf(prompts.promptAnew)));
  if (event.type === 'notice')
    await stage.recorder.emit({ type: 'notice', step: effect.path, message: event.message });
  await meter.hear(event);
  // How long that took is not the agent's doing.
  watch.alive();
}

function lostSession({ path: step, attempt, agent }: AgentEffect, id: string, prompt_hash: string): Fact[] {
  const message = `the session ${id} of ${agent} was not found; a new one begins, with the whole task`;
  return [
    { type: 'session_lost', step, attempt, session_id: id, prompt_hash },
    { type: 'notice', step, message },
  ];
}

function hashOf(prompt: string): string {
  return createHash('sha256').update(prompt).digest('hex');
}

function neverLaunched(error: string): AgentEnd {
  return {
    outcome: 'error',
    exitCode: null,
    sessionId: null,
    output: '',
    error,
    usage: noUsage,
    durationMs: 0,
  };
}
