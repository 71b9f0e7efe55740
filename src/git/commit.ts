/** Writes commit objects: no hook, no signature, no configured identity. */
import { type Environment, gitText } from './git.ts';

export interface Author {
  readonly name: string;
  readonly email: string;
}

export interface CommitOptions {
  readonly tree: string;
  readonly parents: readonly string[];
  readonly message: string;
  readonly author: Author;
  /** ISO 8601. */
  readonly date: string;
}

/** Who our commits are by, where nothing else is said. */
export const gumpAuthor: Author = { name: 'gump', email: 'gump@users.noreply.github.com' };

/** Writes a commit and gives its id. @throws GumpError `git`. */
export async function writeCommit(
  place: { readonly cwd: string; readonly env: Environment },
  options: CommitOptions,
): Promise<string> {
  const parents = options.parents.flatMap((parent) => ['-p', parent]);
  return gitText(['commit-tree', ...parents, '-F', '-', options.tree], {
    cwd: place.cwd,
    env: { ...place.env, ...identity(options.author, options.date) },
    stdin: options.message.endsWith('\n') ? options.message : `${options.message}\n`,
  });
}

/** The variables that say who and when. */
function identity(author: Author, date: string): Environment {
  const milliseconds = Date.parse(date);
  const seconds = Math.floor((Number.isNaN(milliseconds) ? 0 : milliseconds) / 1000);
  return {
    GIT_AUTHOR_NAME: author.name,
    GIT_AUTHOR_EMAIL: author.email,
    GIT_AUTHOR_DATE: `@${seconds} +0000`,
    GIT_COMMITTER_NAME: author.name,
    GIT_COMMITTER_EMAIL: author.email,
    GIT_COMMITTER_DATE: `@${seconds} +0000`,
  };
}
