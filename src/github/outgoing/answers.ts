/** What each comment of an answered review is told: the commit that settled it, in its thread. View pure, area below. */
import type { Event, EventOf } from '../../events/event.ts';
import type { Plan } from '../../plan/plan.ts';
import { defuseLine } from '../defuse.ts';
import { answerMarker } from '../markers.ts';
import { isFollowUp } from '../review/follow-up.ts';
import { commentsOf } from '../review/review-spec.ts';
import { listThreads, type OpenThreads, type Thread } from '../review/review-threads.ts';
import { type Area, rank } from './deliver.ts';
import type { Place } from './known-checks.ts';

export interface DesiredAnswer {
  /** The thread's first comment. */
  readonly comment: number;
  /** Commits of this run that changed something, oldest first, with their files. */
  readonly commits: readonly { readonly sha: string; readonly files: readonly string[] }[];
  /** The author's own line for it; null where it gave none. */
  readonly said: string | null;
  /** True where the author says so, and the reviewers of the run let it stand. */
  readonly done: boolean;
}

/** Empty but for a passed run that was made of a review. */
export function answersOf(plan: Plan, events: readonly Event[]): readonly DesiredAnswer[] {
  if (!isFollowUp(plan.run)) return [];
  const end = events.findLast((event) => event.type === 'run_completed');
  if (end?.status !== 'pass') return [];
  const works = standingWorks(events);
  const comments = commentsOf(plan.spec.text);
  const said = lastLines(works.at(-1)?.output ?? '', comments.length);
  const commits = works
    .filter(({ files }) => files.length > 0)
    .map(({ commit, files }) => ({ sha: commit, files }));
  return comments.map((comment, index) => {
    const line = said[index] ?? null;
    return { comment, commits, said: line, done: line !== null && commits.length > 0 && saysDone(line) };
  });
}

/** Those whose work is in the result: a reset takes back what its step made behind the commit that it goes to. */
function standingWorks(events: readonly Event[]): readonly EventOf<'agent_completed'>[] {
  let works: EventOf<'agent_completed'>[] = [];
  for (const event of events) {
    if (isWork(event, events)) works.push(event);
    if (event.type !== 'tree_reset') continue;
    const to = works.findLastIndex(({ commit }) => commit === event.to);
    const isBelow = (step: string): boolean => step === event.step || step.startsWith(`${event.step}/`);
    works = works.filter(({ step }, at) => at <= to || !isBelow(step));
  }
  return works;
}

/** An attempt at the code, not a judge's: its result is a commit. */
function isWork(event: Event, events: readonly Event[]): event is EventOf<'agent_completed'> {
  if (event.type !== 'agent_completed' || event.outcome !== 'ok') return false;
  return events.some(
    (one) =>
      one.type === 'state_updated' &&
      one.step === event.step &&
      one.attempt === event.attempt &&
      one.commit !== null,
  );
}

/** One line for each comment stands at the end of the answer; none where there are fewer. */
function lastLines(output: string, count: number): readonly string[] {
  const lines = output.split(/\r\n|\r|\n/).map((line) => line.replace(/^\s*[-*]\s+/, '').trim());
  const answers = lines.filter((line) => /^["“].*["”]\s*:\s*\S/.test(line));
  return count > 0 && answers.length >= count ? answers.slice(-count) : [];
}

function saysDone(line: string): boolean {
  return /["”]\s*:\s*\**done\b/i.test(line);
}

export interface AnswersOptions extends Place {
  readonly pullRequest: () => number | null;
}

/** Each thread is answered once, and resolved where it is done; what a person has resolved meanwhile is left alone. */
export function createAnswers(options: AnswersOptions): Area {
  const { client, owner, repo } = options;
  let open: Promise<OpenThreads> | null = null;

  return {
    name: 'reviews',
    jobs(view) {
      const pull = options.pullRequest();
      if (pull === null || !view.ended) return [];
      return view.answers.map((answer) => ({
        key: `answer ${answer.comment}`,
        digest: 'sent',
        rank: rank.end,
        dueAtMs: 0,
        what: `the answer to comment ${answer.comment}`,
        run: async (tries) => {
          if (tries.count > 0) open = null;
          await send({ pull, run: view.run, answer });
        },
      }));
    },
  };

  async function send(order: Sending): Promise<void> {
    const { pull, run, answer } = order;
    open ??= listThreads(client.octokit, { owner, repo, number: pull });
    const thread = (await open).threads.find(({ comments }) => comments[0]?.id === answer.comment);
    if (!thread) return;
    const marker = answerMarker(run);
    const isSent = thread.comments.some((one) => (one.isBot || one.isOwn) && one.body.startsWith(marker));
    if (!isSent) {
      const body = `${marker}\n${answerText(thread, answer)}`;
      const place = { owner, repo, pull_number: pull, comment_id: answer.comment };
      await client.octokit.rest.pulls.createReplyForReviewComment({ ...place, body });
    }
    if (answer.done) await client.octokit.graphql(resolveDocument, { id: thread.nodeId });
  }
}

interface Sending {
  readonly pull: number;
  readonly run: string;
  readonly answer: DesiredAnswer;
}

/** Names the newest commit that touched the commented file, else the newest of all. A whole id is a link on GitHub. */
export function answerText(
  { path }: Pick<Thread, 'path'>,
  { commits, said, done }: Omit<DesiredAnswer, 'comment'>,
): string {
  const commit = commits.findLast(({ files }) => files.includes(path)) ?? commits.at(-1);
  const words = said === null ? '' : defuseLine(said.replace(/^["“].*?["”]\s*:\s*/, ''), 1_000);
  if (done && commit) return `Settled in ${commit.sha}: ${words}`;
  if (said !== null) return words;
  return commit
    ? `The review is answered in ${commit.sha}.`
    : 'The review is answered; no file was changed for it.';
}

const resolveDocument = `mutation ($id: ID!) {
  resolveReviewThread(input: { threadId: $id }) { thread { isResolved } }
}`;
