/** What an issue says, as the parts of a spec: its title, its body and what people with write permission added. */
import { limits } from '../limits.ts';
import type { Permission } from './access.ts';
import { parseCommand } from './commands.ts';
import type { IssueComment } from './own-comment.ts';
import type { IssueFacts } from './trigger.ts';

export interface IssueText {
  readonly number: number;
  readonly author: string;
  /** ISO 8601; empty where the event does not say. */
  readonly createdAt: string;
  /** `owner/repo#12`. */
  readonly origin: string;
  readonly title: string;
  readonly body: string;
  /** In the order in which they were written. */
  readonly comments: readonly { readonly author: string; readonly body: string }[];
}

export interface CommentRules {
  /** ISO 8601; a comment whose last edit is not older is left out. Null: no such moment. */
  readonly before: string | null;
  readonly permissions: (login: string) => Promise<Permission>;
}

/**
 * The issue as text. Comments count only by people who may command, and commands and bots' comments never;
 * beyond `specAuthorsMax` writers the later ones are left out.
 */
export async function issueText(
  issue: IssueFacts,
  comments: readonly IssueComment[],
  { before, permissions }: CommentRules,
): Promise<IssueText> {
  const candidates = comments.filter(
    (comment) =>
      !comment.isBot &&
      comment.login !== '' &&
      (before === null || comment.updatedAt < before) &&
      parseCommand(comment.body) === null,
  );
  const authors = [...new Set(candidates.map((comment) => comment.login))].slice(0, limits.specAuthorsMax);
  const trusted = new Set<string>();
  for (const login of authors) if ((await permissions(login)).mayCommand) trusted.add(login);
  return {
    origin: `${issue.owner}/${issue.repo}#${issue.number}`,
    number: issue.number,
    author: issue.author,
    createdAt: issue.createdAt,
    title: issue.title,
    body: issue.body,
    comments: candidates
      .filter((comment) => trusted.has(comment.login))
      .map((comment) => ({ author: comment.login, body: comment.body })),
  };
}
