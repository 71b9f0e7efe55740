/** What an event asks of us: the one answer of trigger.ts. */
import type { Self } from './api/own-comment.ts';
import type { RepoName } from './api/rest.ts';
import type { PressFacts } from './commands/buttons.ts';
import type { Command } from './commands/commands.ts';
import type { Verb } from './commands/grammar.ts';
import type { Actor, IssueFacts } from './payload.ts';

export interface TriggerConfig {
  /** Ids of the Apps whose bots may command; our own is never among them. */
  readonly allowedAppIds: readonly number[];
  /** Whose comments and checks are ours. */
  readonly self: Self;
}

export type Intent =
  | { readonly kind: 'ignore'; readonly reason: string }
  /** Make or refresh the spec. */
  | { readonly kind: 'propose'; readonly issue: IssueFacts; readonly actor: Actor }
  | {
      readonly kind: 'command';
      readonly issue: IssueFacts;
      readonly actor: Actor;
      readonly command: Command;
      readonly commentId: number;
      /** ISO 8601, UTC, whole seconds. */
      readonly commentedAt: string;
    }
  /** A box of ours was ticked. */
  | (Act & {
      readonly kind: 'tick';
      readonly issue: IssueFacts;
      readonly commentId: number;
      readonly at: string;
    })
  /** A button of a check of ours was pressed; `number` is that of the issue. */
  | (Act & RepoName & PressFacts & { readonly kind: 'press' })
  /** A person requests changes on a pull request. */
  | {
      readonly kind: 'review';
      /** The pull request, as an issue. */
      readonly issue: IssueFacts;
      readonly actor: Actor;
      readonly reviewId: number;
      /** For GraphQL. */
      readonly nodeId: string;
      /** ISO 8601, UTC, whole seconds. */
      readonly submittedAt: string;
    }
  /** A merge queue asks for the checks that a branch requires. */
  | { readonly kind: 'queue'; readonly queue: QueueFacts };

export interface QueueFacts {
  readonly owner: string;
  readonly repo: string;
  /** The commit that the queue has made to be tried. */
  readonly commit: string;
  /** The last pull request of the group. */
  readonly pull: number;
}

/** What somebody did instead of writing a command. */
export interface Act {
  readonly actor: Actor;
  readonly verb: Verb;
  /** The same however often GitHub tells of it. */
  readonly key: string;
}

export function ignore(reason: string): Intent {
  return { kind: 'ignore', reason };
}
