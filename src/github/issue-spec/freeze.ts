/** Freezes the spec of a run: what stood there when the command came, as a commit and a hash. */

import { GumpError } from '../../errors.ts';
import { specFromIssue } from '../../spec/from-issue.ts';
import type { Spec } from '../../spec/spec.ts';
import { specFromText } from '../../spec/spec.ts';
import type { ReadPermission } from '../access.ts';
import { type IssueComment, isMarked } from '../api/own-comment.ts';
import { orNull, type RepoName, type RestClient } from '../api/rest.ts';
import type { IncomingConfig } from '../incoming.ts';
import { statusMarker } from '../markers.ts';
import type { IssueFacts } from '../payload.ts';
import { type IssueText, issueText } from './issue.ts';
import {
  createSpecBranch,
  keepDraft,
  readSpecFile,
  type SpecCommit,
  specBranch,
  specCommits,
  specPath,
} from './spec-branch.ts';
import { shownSpec } from './spec-comment.ts';

/** What runs, found and not yet kept: nothing was written. */
export interface StandingSpec {
  readonly spec: Spec;
  readonly path: string;
  /** The commit of the branch that holds it; null where none does. */
  readonly commit: string | null;
  readonly branchExists: boolean;
  /** What was left out and why, one sentence each; empty where nothing was. */
  readonly notes: readonly string[];
  /** Where the event did not tell the issue: why it may be another text than the one at the command; null where it is that one. */
  readonly doubt: string | null;
}

export interface FrozenSpec {
  readonly commit: string;
  readonly path: string;
  readonly spec: Spec;
  /** What was left out and why, one sentence each; empty where nothing was. */
  readonly notes: readonly string[];
}

export interface FreezeOrder {
  readonly client: RestClient;
  readonly issue: IssueFacts;
  readonly runId: string;
  /** When the command came; ISO 8601, UTC, whole seconds. */
  readonly at: string;
  /** Our own account: what it pushed counts. */
  readonly selfId: number;
  readonly permissions: ReadPermission;
  readonly config: Pick<IncomingConfig, 'self' | 'serverUrl'>;
  readonly comments: () => Promise<readonly IssueComment[]>;
  /** True: the issue is told as it is by now, not as it was at the command. */
  readonly isLate?: boolean;
}

/**
 * The spec branch as it stood at the command, where its last pusher may write; else the text that our comment showed
 * then; else title and body of the event and the comments that count.
 */
export async function standingSpec(order: FreezeOrder): Promise<StandingSpec> {
  const { client, issue, at } = order;
  const commits = await specCommits(client, issue);
  const standing = commits.find((commit) => commit.pushedAt !== '' && commit.pushedAt <= at);
  const late = standing ? commits.indexOf(standing) : commits.length;
  const branch = `\`${specBranch(issue.number)}\``;
  const notes = late > 0 ? [`Left out: ${counted(late)} of ${branch} made after the command.`] : [];
  const branchExists = commits.length > 0;
  if (!standing) return await withoutBranch(order, { branchExists, notes });
  const problem = await distrust(standing, order);
  const file = problem ? null : await readSpecFile(client, issue, standing.tree);
  const spec = file ? specFromText(file.text, originOf(issue)) : null;
  if (file && spec && spec.text.trim() !== '') {
    const more = standing.pusher?.id === order.selfId ? await outdated(order, spec) : [];
    const found = { spec, path: file.path, commit: standing.sha, branchExists, doubt: null };
    return { ...found, notes: [...notes, ...more] };
  }
  const why = problem ?? 'it holds no spec of this issue';
  return await withoutBranch(order, {
    branchExists,
    notes: [...notes, `Left out: the branch ${branch}, because ${why}.`],
  });
}

/** Makes a commit of what stands, so that the run reads one thing in one way. */
export async function keepSpec(order: FreezeOrder, standing: StandingSpec): Promise<FrozenSpec> {
  const { client, issue, runId } = order;
  const { spec, path, notes, branchExists } = standing;
  if (standing.commit !== null) return { commit: standing.commit, path, spec, notes };
  const message = `docs(spec): freeze the spec of #${issue.number}\n\nGump-Run: ${runId}`;
  const draft = { path, text: spec.text, message };
  const made = branchExists ? null : await createSpecBranch(client, issue, draft);
  if (made) return { commit: made, path, spec, notes };
  const kept = await keepDraft(client, issue, { draft, name: runId });
  return { commit: kept.commit, path, spec: specFromText(kept.text, spec.origin), notes };
}

/** Why the last pusher does not count; null where it does. */
async function distrust(commit: SpecCommit, { selfId, permissions }: FreezeOrder): Promise<string | null> {
  const { pusher } = commit;
  const short = commit.sha.slice(0, 7);
  if (!pusher) return `GitHub does not know the account behind its last commit ${short}`;
  if (pusher.id === selfId || (await permissions(pusher.login, pusher.id)).mayCommand) return null;
  return `\`${pusher.login}\`, who made its last commit ${short}, has no write permission`;
}

type Rest = Pick<StandingSpec, 'branchExists' | 'notes'>;

async function withoutBranch(order: FreezeOrder, { branchExists, notes }: Rest): Promise<StandingSpec> {
  const { issue, at } = order;
  const marker = statusMarker('issue', issue.number);
  const own = (await order.comments()).find((comment) => isMarked(comment, marker, order.config.self));
  const rest = { path: specPath(issue.number, issue.title), commit: null, branchExists, doubt: null };
  const shown = own && own.updatedAt < at ? shownSpec(own.body, originOf(issue)) : null;
  if (shown)
    return {
      ...rest,
      spec: shown,
      notes: [...notes, 'What runs is the text that the comment with the spec shows.'],
    };
  if (order.isLate) throw unknownText(order);
  const told = notes.length > 0 ? [...notes, "The issue's own text runs."] : [];
  const { parts, notes: left } = await textAt(order);
  const doubt = branchExists || own ? null : doubtOf(order);
  return {
    ...rest,
    doubt,
    spec: specFromIssue(parts),
    notes: [...told, ...left, ...(await editedSince(order))],
  };
}

/** A command on a pull request tells nothing of the issue: what is read of it later may have been written later. */
function doubtOf({ issue: { number, updatedAt }, at }: FreezeOrder): string | null {
  if (updatedAt < at) return null;
  return `Issue #${number} has no spec yet, and something has changed there since the command: it cannot be told what it said then. Comment \`/gump run\` on the issue.`;
}

function unknownText({ issue, at }: FreezeOrder): GumpError {
  const told = `the command of ${at} was not handled when it came, and what issue ${issue.number} said then is not kept: it had no spec yet.`;
  return new GumpError(told, { code: 'usage', hint: 'Comment the command again.' });
}

/** The issue and what counts around it, as they were at the command. */
async function textAt(order: FreezeOrder): Promise<IssueText> {
  const { at, config } = order;
  const comments = await order.comments();
  return await issueText({ ...order, comments, before: at, serverUrl: config.serverUrl });
}

/** Whoever reads the issue by now must know that what ran said something else. */
async function editedSince({ client, issue }: FreezeOrder): Promise<readonly string[]> {
  const { owner, repo, number } = issue;
  const now = await orNull(
    client.request('GET /repos/{owner}/{repo}/issues/{issue_number}', { owner, repo, issue_number: number }),
  );
  if (!now || (now.data.title === issue.title && (now.data.body ?? '') === issue.body)) return [];
  return ['Left out: what was edited in the issue after the command.'];
}

/** A spec of ours is made when the label comes; what was said since then is in it only when somebody asks for that. */
async function outdated(order: FreezeOrder, spec: Spec): Promise<readonly string[]> {
  const { parts } = await textAt(order);
  if (specFromIssue(parts).hash === spec.hash) return [];
  return [
    `The issue, or what maintainers added, says more than its spec by now. What stands on \`${specBranch(order.issue.number)}\` runs; \`/gump spec\` makes it again.`,
  ];
}

/**
 * Reads a frozen spec back, for the run.
 * @throws GumpError `usage` when the commit has no spec of the issue, or it is not the one that was frozen.
 */
export async function readFrozenSpec(
  client: RestClient,
  { owner, repo, issue, commit, hash }: RepoName & { issue: number; commit: string; hash: string },
): Promise<Spec> {
  const file = await readSpecFile(client, { owner, repo, number: issue }, commit);
  const hint = 'Comment `/gump run` on the issue again: it freezes the spec anew.';
  if (!file) {
    throw new GumpError(`The spec was not read: commit ${commit} has no specs/${issue}-…/spec.md.`, {
      code: 'usage',
      hint,
    });
  }
  const spec = specFromText(file.text, `${owner}/${repo}#${issue}`);
  if (spec.hash === hash) return spec;
  throw new GumpError(
    `The spec was not taken: ${file.path} at ${commit} has the hash ${spec.hash}, not ${hash}.`,
    {
      code: 'usage',
      hint,
    },
  );
}

function originOf({ owner, repo, number }: IssueFacts): string {
  return `${owner}/${repo}#${number}`;
}

function counted(commits: number): string {
  return commits === 1 ? 'one commit' : `${commits} commits`;
}
