/** Freezes the spec of a run: what stood there when the command came, as a commit and a hash. */

import { GumpError } from '../errors.ts';
import { specFromIssue } from '../spec/from-issue.ts';
import type { Spec } from '../spec/spec.ts';
import { specFromText } from '../spec/spec.ts';
import type { Permission } from './access.ts';
import { issueText } from './issue.ts';
import type { IssueComment } from './own-comment.ts';
import type { RepoName, RestClient } from './rest.ts';
import {
  createSpecBranch,
  keepDraft,
  readSpecFile,
  type SpecCommit,
  specBranch,
  specCommits,
  specPath,
} from './spec-branch.ts';
import type { IssueFacts } from './trigger.ts';

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
  readonly permissions: (login: string) => Promise<Permission>;
  readonly comments: () => Promise<readonly IssueComment[]>;
}

/**
 * The spec branch as it stood at the command, where its last pusher may write; else title and body of the event
 * and the comments that count, kept as a commit so that the run reads one thing in one way.
 */
export async function freezeSpec(order: FreezeOrder): Promise<FrozenSpec> {
  const { client, issue, at } = order;
  const commits = await specCommits(client, issue);
  const standing = commits.find((commit) => commit.committedAt !== '' && commit.committedAt <= at);
  const late = standing ? commits.indexOf(standing) : commits.length;
  const notes =
    late > 0 ? [`Left out: ${counted(late)} of \`${specBranch(issue.number)}\` made after the command.`] : [];
  if (standing) {
    const problem = await distrust(standing, order);
    const file = problem ? null : await readSpecFile(client, issue, standing.tree);
    if (file) {
      const spec = specFromText(file.text, originOf(issue));
      if (spec.text.trim() !== '') return { commit: standing.sha, path: file.path, spec, notes };
    }
    notes.push(
      `Left out: the branch \`${specBranch(issue.number)}\`, because ${problem ?? 'it holds no spec of this issue'}. The issue's own text runs.`,
    );
  }
  return await freezeIssue(order, { branchExists: commits.length > 0, notes });
}

/** Why the last pusher does not count; null where it does. */
async function distrust(commit: SpecCommit, { selfId, permissions }: FreezeOrder): Promise<string | null> {
  const { pusher } = commit;
  const short = commit.sha.slice(0, 7);
  if (!pusher) return `GitHub does not know the account behind its last commit ${short}`;
  if (pusher.id === selfId || (await permissions(pusher.login)).mayCommand) return null;
  return `\`${pusher.login}\`, who made its last commit ${short}, has no write permission`;
}

async function freezeIssue(
  order: FreezeOrder,
  { branchExists, notes }: { readonly branchExists: boolean; readonly notes: readonly string[] },
): Promise<FrozenSpec> {
  const { client, issue, at, runId, permissions } = order;
  const text = await issueText(issue, await order.comments(), { before: at, permissions });
  const spec = specFromIssue(text);
  const draft = {
    path: specPath(issue.number, issue.title),
    text: spec.text,
    message: `docs(spec): freeze the spec of #${issue.number}\n\nGump-Run: ${runId}`,
  };
  const made = branchExists ? null : await createSpecBranch(client, issue, draft);
  const commit = made ?? (await keepDraft(client, issue, { draft, name: runId }));
  return { commit, path: draft.path, spec, notes };
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
