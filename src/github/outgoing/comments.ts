/** The one status comment of the issue and the one of the pull request, edited in place. */
import { limits } from '../../limits.ts';
import { type IssueComment, listComments } from '../api/own-comment.ts';
import { cutMiddle } from '../cut.ts';
import { progressEnd, progressStart, replaceBlock, statusMarker } from '../markers.ts';
import { type Area, type Job, type Moment, rank, type Tries } from './deliver.ts';
import type { Place } from './known-checks.ts';
import { statusBlock } from './status.ts';
import type { GithubView } from './view.ts';

export interface CommentsOptions extends Place {
  readonly issue: number | null;
  readonly pullRequest: () => number | null;
  readonly branch: string;
  readonly runUrl: string;
  readonly hostNotes: readonly string[];
  readonly isOurs: (comment: IssueComment) => boolean;
  readonly gapMs: number;
}

interface Target {
  readonly kind: 'issue' | 'pull';
  readonly number: number;
  id: number | null;
  hasLooked: boolean;
  edits: number;
  editedAtMs: number;
}

export function createComments(options: CommentsOptions): Area {
  const { client, owner, repo } = options;
  const issues = client.octokit.rest.issues;
  const targets = new Map<number, Target>();
  return {
    name: 'comments',
    jobs(view, moment) {
      const pull = options.pullRequest();
      const kinds = [
        ...(options.issue === null
          ? []
          : [{ kind: options.issue === pull ? 'pull' : 'issue', number: options.issue } as const]),
        ...(pull === null || pull === options.issue ? [] : [{ kind: 'pull', number: pull } as const]),
      ];
      return kinds.flatMap((one) => jobOf(view, moment, targetOf(one)));
    },
  };

  function targetOf({ kind, number }: { kind: 'issue' | 'pull'; number: number }): Target {
    const target = targets.get(number) ?? {
      kind,
      number,
      id: null,
      hasLooked: false,
      edits: 0,
      editedAtMs: 0,
    };
    targets.set(number, target);
    return target;
  }

  function jobOf(view: GithubView, moment: Moment, target: Target): readonly Job[] {
    const isEnd = view.ended || moment.closing;
    if (!isEnd && moment.progressLeft === 0) return [];
    const block = blockOf(view, target, isEnd ? moment.missing : null);
    const what = `the status comment of #${target.number}`;
    return [
      {
        ...{ key: what, digest: block, what, rank: isEnd ? rank.end : rank.progress },
        dueAtMs: isEnd
          ? 0
          : target.editedAtMs + (target.edits === 0 ? 0 : gapMs(options.gapMs, target.edits)),
        run: (tries) => show(target, { block, tries, nowMs: moment.nowMs }),
      },
    ];
  }

  /** Only one comment follows what happens; a pull request made from an issue points there until the end. */
  function blockOf(
    { summary, base }: GithubView,
    target: Target,
    /** Null while it runs: then it may still come. */
    missing: readonly string[] | null,
  ): string {
    const { issue, branch, runUrl, hostNotes } = options;
    const pullRequest = options.pullRequest();
    if (target.kind === 'pull' && issue !== null && issue !== target.number && missing === null) {
      return `⏳ The run goes on; its state is told in the comment on #${issue}. It started on commit ${base}.`;
    }
    const facts = { summary, branch, runUrl, missing: missing ?? [], hostNotes };
    return target.kind === 'pull'
      ? statusBlock({
          ...facts,
          boxes: true,
          pullRequest: null,
          issue: issue === target.number ? null : issue,
        })
      : statusBlock({ ...facts, boxes: true, pullRequest, issue: null });
  }

  async function show(target: Target, order: { block: string; tries: Tries; nowMs: number }): Promise<void> {
    const marker = statusMarker(target.kind, target.number);
    const marks = { start: progressStart, end: progressEnd };
    const before = await currentBody(target, marker, order.tries);
    const body = limited(replaceBlock(before ?? marker, marks, order.block), marker, order.block);
    if (before === null) {
      const { data } = await issues.createComment({ owner, repo, issue_number: target.number, body });
      target.id = data.id;
    } else if (body !== before && target.id !== null) {
      await issues.updateComment({ owner, repo, comment_id: target.id, body });
    }
    target.edits += 1;
    target.editedAtMs = order.nowMs;
  }

  /** Read anew each time: the App and people write in the same comment. Null: there is none. */
  async function currentBody(target: Target, marker: string, tries: Tries): Promise<string | null> {
    if (target.id !== null) {
      const { data } = await issues.getComment({ owner, repo, comment_id: target.id });
      return (data.body ?? '').replaceAll('\r\n', '\n');
    }
    if (target.hasLooked && !tries.doubt) return null;
    const comments = await listComments(client.octokit, { owner, repo, number: target.number });
    const ours = comments.filter((one) => options.isOurs(one) && one.body.split(/\r?\n/, 1)[0] === marker);
    const oldest = ours.sort((a, b) => a.id - b.id)[0];
    target.hasLooked = true;
    target.id = oldest?.id ?? null;
    return oldest ? oldest.body.replaceAll('\r\n', '\n') : null;
  }
}

/** Ten seconds, then half as much again each time: often at the start, and few over hours. */
export function gapMs(firstMs: number, edits: number): number {
  return Math.min(limits.githubCommentGapMsMax, firstMs * 1.5 ** Math.max(0, edits - 1));
}

/** The whole body, or without the other parts where it is too long. */
function limited(body: string, marker: string, block: string): string {
  if (body.length <= limits.commentCharactersMax) return body;
  const room = limits.commentCharactersMax - marker.length - progressStart.length - progressEnd.length - 8;
  const inner = cutMiddle(block, { charactersMax: Math.min(block.length, room) });
  const without = `${marker}\n\n${progressStart}\n${inner}\n${progressEnd}\n`;
  // What the App wrote is kept as far as the run's own part leaves room.
  const others = limits.commentCharactersMax - without.length - 2;
  const rest = body.replace(marker, '').replace(`${progressStart}\n${block}\n${progressEnd}`, '').trim();
  return others < 200
    ? without
    : `${marker}\n${cutMiddle(rest, { charactersMax: others })}\n${without.slice(marker.length + 1)}`;
}
