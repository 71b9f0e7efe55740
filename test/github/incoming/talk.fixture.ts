/** Somebody talks with us on one issue: what they write, and what we answer there. */
import type { RepositoryEvent } from '../../standin/world.ts';
import type { Town } from './town.ts';

export interface Talk {
  /** A comment of somebody with write permission, which nobody has handled yet. */
  say(body: string): Promise<{ readonly comment: number; readonly event: RepositoryEvent }>;
  /** The same, handled; gives the comment's id. */
  command(body: string): Promise<number>;
  /** Ours, oldest first, without the status comment. */
  answers(): ReturnType<Town['comments']>;
  /** The last of them; empty where there is none. */
  answer(): Promise<string>;
}

/** `town` and `issue` are asked for at each use: every test has its own. */
export function talkIn(town: () => Town, issue: () => number): Talk {
  const talk: Talk = {
    async say(body) {
      const comment = await town().comment('wilma', issue(), body);
      return { comment, event: town().last('issue_comment', 'created') };
    },
    async command(body) {
      const { comment, event } = await talk.say(body);
      await town().handle(event);
      return comment;
    },
    async answers() {
      const all = await town().comments(issue());
      return all.filter(({ login, body }) => login === town().app.login && !body.includes('gump:status'));
    },
    answer: async () => (await talk.answers()).at(-1)?.body ?? '',
  };
  return talk;
}
