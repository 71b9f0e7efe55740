/** A refusal is one sentence, never a red check. */

import { ensureComment } from './api/own-comment.ts';
import type { EventOrder, Outcome } from './incoming.ts';
import type { Actor, IssueFacts } from './payload.ts';

/** Says it once per person and issue. */
export async function refuse(
  { client, config }: Pick<EventOrder, 'client' | 'config'>,
  { issue, actor, sentence }: { issue: IssueFacts; actor: Actor; sentence: string },
): Promise<Outcome> {
  await ensureComment(
    client,
    { issue, marker: `<!-- gump:refused ${actor.id} -->`, body: sentence },
    config.self,
  );
  return { done: 'refused', detail: sentence };
}
