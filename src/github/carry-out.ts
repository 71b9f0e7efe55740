/** Carries out one command. Its 👀 is the lock, its 🚀 says that a run was started. */
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { permissionReader, refusal } from './access.ts';
import { defuseLine } from './defuse.ts';
import type { Dispatch, DispatchOrder } from './dispatch.ts';
import { failureOf } from './failure.ts';
import { type FrozenSpec, freezeSpec } from './freeze.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import { latestRun, statusFacts } from './latest-run.ts';
import { statusMarker } from './markers.ts';
import { ensureComment, type IssueComment, isMarked, listComments } from './own-comment.ts';
import { proposeSpec, showSpec } from './propose.ts';
import { addReaction, hasReaction, type Reaction, removeReaction } from './reactions.ts';
import { refuse } from './refuse.ts';
import { helpReply, isLater, laterReply, problemsReply, statusReply } from './replies.ts';
import type { Intent } from './trigger.ts';
import { workflowFacts } from './workflow-facts.ts';

type CommandIntent = Extract<Intent, { kind: 'command' }>;

/** Everything that a verb needs. */
interface Work extends EventOrder {
  readonly intent: CommandIntent;
  readonly selfId: number;
  readonly permissions: ReturnType<typeof permissionReader>;
  readonly comments: () => Promise<readonly IssueComment[]>;
}

/** @throws what a request threw; the lock is given back first, so that handling the event again finishes it. */
export async function carryOut(intent: CommandIntent, order: EventOrder): Promise<Outcome> {
  const { client, claims } = order;
  const wasClaimed = claims?.has(intent.commentId) === true;
  claims?.add(intent.commentId);
  const eyes = await addReaction(client, intent, 'eyes');
  if (!eyes.isNew && !wasClaimed) {
    const outcome = await taken(intent, order, eyes);
    if (outcome) {
      claims?.delete(intent.commentId);
      return outcome;
    }
  }
  const { issue } = intent;
  const work: Work = {
    ...order,
    intent,
    selfId: eyes.userId,
    permissions: permissionReader(client, issue),
    comments: once(() => listComments(client, issue)),
  };
  try {
    const outcome = await obey(work);
    claims?.delete(intent.commentId);
    return outcome;
  } catch (error) {
    // A claim is given back by whoever holds it; who keeps claims tries again by itself.
    if (!claims)
      await removeReaction(client, intent, eyes).catch(() => order.log('the 👀 could not be taken back'));
    throw error;
  }
}

/** Why somebody else's 👀 keeps us away; null where it was left behind by a crash. */
async function taken(intent: CommandIntent, order: EventOrder, eyes: Reaction): Promise<Outcome | null> {
  const { client, config } = order;
  if (await hasReaction(client, intent, { content: 'rocket', userId: eyes.userId })) {
    return { done: 'ignored', detail: 'This command was carried out before.' };
  }
  const leftMs = config.takeoverAfterMs - (Date.now() - Date.parse(eyes.createdAt));
  if (leftMs > 0) {
    return { done: 'ignored', detail: 'Another replica is at this command.', lookAgainAfterMs: leftMs };
  }
  const marker = replyMarker('reply', intent.commentId);
  const comments = await listComments(client, intent.issue);
  const isAnswered = comments.some((comment) => isMarked(comment, marker, config.self));
  return isAnswered ? { done: 'ignored', detail: 'This command was answered before.' } : null;
}

/** Tells the person that a command was given up because of what GitHub answered. */
export async function tellGivenUp(intent: CommandIntent, order: EventOrder, error: unknown): Promise<void> {
  const { message } = failureOf(error, Date.now());
  const body =
    error instanceof GumpError
      ? `Nothing was started: ${defuseLine(explain(error), 2_000)}`
      : `Nothing was started: GitHub's answer to the App was again and again \`${defuseLine(message)}\`. Comment the command again; where that does not help, see https://www.githubstatus.com and the permissions of the App's installation.`;
  const { issue, commentId } = intent;
  order.claims?.delete(commentId);
  const marker = replyMarker('reply', commentId);
  await ensureComment(order.client, { issue, marker, body }, order.config.self);
}

async function obey(work: Work): Promise<Outcome> {
  const { intent } = work;
  const { command, issue, actor } = intent;
  const refused = await refusal(actor, 'command', work.permissions);
  if (refused) return await refuse(work, { issue, actor, sentence: refused });
  if (command.verb === null || command.problems.length > 0)
    return await reply(work, problemsReply(command.problems));
  if (command.verb === 'help') return await reply(work, helpReply());
  if (isLater(command.verb)) return await reply(work, laterReply(command.verb));
  if (issue.isPullRequest) {
    return await reply(
      work,
      'Nothing was started: this version takes commands on issues. Comment on the issue instead.',
    );
  }
  if (command.verb === 'status') return await reply(work, statusReply(await statusFacts(work.client, issue)));
  if (command.verb === 'spec') return await rebuild(work);
  return command.verb === 'resume' ? await resume(work) : await run(work);
}

async function rebuild(work: Work): Promise<Outcome> {
  const { client, config, permissions, selfId } = work;
  const { issue } = work.intent;
  await proposeSpec({
    client,
    issue,
    config,
    permissions,
    comments: await work.comments(),
    force: true,
    selfId,
  });
  return { done: 'proposed', detail: `the spec of #${issue.number} was made again` };
}

async function run(work: Work): Promise<Outcome> {
  const { client, config, intent } = work;
  const { issue, command } = intent;
  const named = command.workflow ?? issue.labelledWorkflow;
  const { problem, name: workflow } = await workflowFacts({ client, issue, config }, named);
  if (problem) return await reply(work, problemsReply([problem]));
  const frozen = await freezeSpec({ ...work, issue, runId: runIdOf(intent), at: intent.commentedAt });
  await showFrozen(work, frozen);
  return await start(work, {
    ...addressOf(intent),
    command: 'run',
    runId: runIdOf(intent),
    workflow,
    spec: { commit: frozen.commit, hash: frozen.spec.hash },
    options: command.options,
  });
}

/** An issue that was never labelled gets its comment now; what was left out is said in an answer of its own. */
async function showFrozen(work: Work, frozen: FrozenSpec): Promise<void> {
  const { issue } = work.intent;
  const marker = statusMarker('issue', issue.number);
  const isShown = (await work.comments()).some((comment) => isMarked(comment, marker, work.config.self));
  if (!isShown) await showSpec({ ...work, issue }, { ...frozen, notes: [] });
  if (frozen.notes.length > 0) await reply(work, frozen.notes.join('\n\n'), 'notes');
}

async function resume(work: Work): Promise<Outcome> {
  const { intent } = work;
  const runId = await latestRun(work.client, intent.issue);
  if (!runId) {
    return await reply(
      work,
      'Nothing was started: no run of this issue has a ledger yet. `/gump run` starts one.',
    );
  }
  const { options } = intent.command;
  return await start(work, {
    ...addressOf(intent),
    command: 'resume',
    runId,
    workflow: null,
    spec: null,
    options,
  });
}

async function start(work: Work, order: Parameters<Dispatch>[0]): Promise<Outcome> {
  const result = await work.dispatch(order);
  if (!result.started) return await reply(work, `Nothing was started. ${result.problem}`);
  await addReaction(work.client, work.intent, 'rocket');
  return { done: 'dispatched', detail: `${order.command} ${order.runId} of #${order.issue}` };
}

/** One answer per command and purpose. */
async function reply(work: Work, body: string, purpose = 'reply'): Promise<Outcome> {
  const { issue, commentId } = work.intent;
  const marker = replyMarker(purpose, commentId);
  const cut = body.slice(0, limits.commentCharactersMax - marker.length - 1);
  await ensureComment(work.client, { issue, marker, body: cut }, work.config.self);
  return { done: 'replied', detail: cut.split('\n', 1)[0] ?? '' };
}

function replyMarker(purpose: string, commentId: number): string {
  return `<!-- gump:${purpose} ${commentId} -->`;
}

function addressOf({
  issue,
  commentedAt,
}: CommandIntent): Pick<DispatchOrder, 'owner' | 'repo' | 'ref' | 'issue' | 'since'> {
  const { owner, repo, number } = issue;
  return { owner, repo, ref: issue.defaultBranch, issue: number, since: commentedAt };
}

function runIdOf({ issue, commentId }: CommandIntent): string {
  return `issue-${issue.number}-${commentId}`;
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | null = null;
  return () => {
    made ??= make();
    return made;
  };
}
