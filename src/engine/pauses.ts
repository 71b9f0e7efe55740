/** What a question to a person and its answer mean for the step. */
import type { EventOf } from '../events/event.ts';
import type { StepState } from './state.ts';

/** An answer where nobody was asked means nothing. */
export function paused(
  { pause, allowed }: StepState,
  event: EventOf<'hitl_paused' | 'hitl_resumed'>,
): Partial<Pick<StepState, 'pause' | 'allowed'>> {
  if (event.type === 'hitl_paused') {
    const { when, attempt, paths = [] } = event;
    return { pause: { when, attempt, approved: null, reason: null, paths } };
  }
  if (!pause) return {};
  const { approved, reason } = event;
  return {
    pause: { ...pause, approved, reason },
    allowed: approved ? [...allowed, ...pause.paths] : allowed,
  };
}
