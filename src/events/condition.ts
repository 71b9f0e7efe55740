/** The validator of a `retry:` entry judges the attempt that has failed; its steps stand below `<step>/<condition>/`. */

interface OfCondition {
  readonly step: string;
  /** The attempt that has failed. */
  readonly attempt: number;
  /** `retry.<validator>`, with `_2` behind a repeated one. */
  readonly condition: string;
}

export type ConditionFact =
  | (OfCondition & {
      readonly type: 'condition_started';
      readonly commit: string;
      /** Why the attempt has failed. */
      readonly reason: string;
    })
  | (OfCondition & {
      readonly type: 'condition_ended';
      readonly duration_ms: number;
      /** True where it said pass: the entry's overrides apply to the next attempt. */
      readonly applies: boolean;
      /** The validator's comments, or why it gave no verdict. */
      readonly reason: string;
    });
