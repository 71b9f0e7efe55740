/** What an issue says, as the parts of a spec: its title, its body, what maintainers added, and the issues that it names. */
import { limits } from '../../limits.ts';
import type { IssueParts } from '../../spec/from-issue.ts';
import type { ReadPermission } from '../access.ts';
import type { IssueComment } from '../api/own-comment.ts';
import type { RestClient } from '../api/rest.ts';
import { parseCommand } from '../commands/commands.ts';
import type { IssueFacts } from '../payload.ts';
import { linkedIssues } from './linked.ts';

export interface PartsOrder {
  readonly client: RestClient;
  readonly issue: IssueFacts;
  readonly comments: readonly IssueComment[];
  /** ISO 8601; what was edited at this moment or later is left out. Null: no such moment. */
  readonly before: string | null;
  readonly permissions: ReadPermission;
  /** Without a slash at its end. */
  readonly serverUrl: string;
}

export interface IssueText {
  readonly parts: IssueParts;
  /** What was left out, one sentence each; empty where nothing was. */
  readonly notes: readonly string[];
}

/** The issue as the event told it, and around it what counts at that moment. */
export async function issueText(order: PartsOrder): Promise<IssueText> {
  const { client, issue, before, serverUrl } = order;
  const { taken, notes } = await maintainersComments(order);
  const text = [issue.body, ...taken.map(({ body }) => body)].join('\n\n');
  const links = await linkedIssues(client, issue, { text, serverUrl, before });
  const { number, title, body, author, createdAt } = issue;
  const parts = {
    ...{ number, title, body, author, createdAt },
    origin: `${issue.owner}/${issue.repo}#${number}`,
    comments: taken.map((comment) => ({ author: comment.login, body: comment.body })),
    linked: links.linked,
  };
  return { parts, notes: [...notes, ...links.notes] };
}

/**
 * Comments count only by people who may command, and commands and bots' comments never; beyond `specAuthorsMax` writers
 * the later ones are left out.
 */
async function maintainersComments({ comments, before, permissions }: PartsOrder): Promise<{
  readonly taken: readonly IssueComment[];
  readonly notes: readonly string[];
}> {
  const candidates = comments.filter(
    (comment) =>
      !comment.isBot &&
      comment.login !== '' &&
      (before === null || comment.createdAt < before) &&
      parseCommand(comment.body) === null,
  );
  const authors = new Map(candidates.map(({ login, userId }) => [login, userId]));
  const asked = [...authors].slice(0, limits.specAuthorsMax);
  const trusted = new Set<string>();
  for (const [login, id] of asked) if ((await permissions(login, id)).mayCommand) trusted.add(login);
  const theirs = candidates.filter(({ login }) => trusted.has(login));
  const taken = theirs.filter(({ updatedAt }) => before === null || updatedAt < before);
  const edited = theirs.length - taken.length;
  const unasked = authors.size - asked.length;
  return {
    taken,
    notes: [
      ...(edited > 0
        ? [`Left out: ${edited === 1 ? 'one comment' : `${edited} comments`} edited after the command.`]
        : []),
      ...(unasked > 0
        ? [
            `Left out: comments of ${unasked} people; the permission of ${limits.specAuthorsMax} is asked for.`,
          ]
        : []),
    ],
  };
}
