/** A person is asked, and answers. */
interface InAttempt {
  readonly step: string;
  readonly attempt: number;
}

export type PauseFact =
  | (InAttempt & {
      readonly type: 'hitl_paused';
      readonly when: 'before_gate' | 'after_gate' | 'after_step' | 'protected_paths';
      /** The protected paths that a yes allows; absent where the question is another. */
      readonly paths?: readonly string[];
    })
  | (InAttempt & {
      readonly type: 'hitl_resumed';
      readonly approved: boolean;
      readonly by: string | null;
      readonly reason: string | null;
    });
