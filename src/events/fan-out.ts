/** Branches of a run go on in jobs of their own (engine/fan-out.ts), and come back. */

export type FanOutFact =
  | {
      /** Nothing more happens here: whoever resumes the run takes up what the branches' own ledgers have. */
      readonly type: 'run_fanned_out';
      readonly run: string;
      /** Paths of tasks of a parallel split, or of children of a parallel group, in their order. */
      readonly branches: readonly string[];
      /** What each may spend of what was left, in USD; null: not limited. */
      readonly share_budget: number | null;
      /** The same in tokens. */
      readonly share_tokens: number | null;
    }
  | {
      /** Only in a branch's own ledger: its job has done what it could. */
      readonly type: 'branch_left';
      readonly run: string;
      readonly branch: string;
      /** `open`: it has not ended, and goes on where the branches come together. */
      readonly status: 'pass' | 'fail' | 'open';
      /** Why it did not pass; null when it did. */
      readonly reason: string | null;
    };
