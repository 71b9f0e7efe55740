/** The launch of an attempt's agent: announced before it costs anything (R4). */

interface OfAttempt {
  readonly step: string;
  readonly attempt: number;
}

export type LaunchFact =
  | (OfAttempt & {
      readonly type: 'agent_launched';
      readonly agent: string;
      readonly prompt_hash: string;
      /** The session that it is to continue; null for a new one. */
      readonly session_id: string | null;
    })
  | (OfAttempt & {
      /** The agent has not found the session that it was to continue: a new one began, with this prompt. */
      readonly type: 'session_lost';
      readonly session_id: string;
      readonly prompt_hash: string;
    });
