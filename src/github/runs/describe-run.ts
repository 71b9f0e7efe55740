/** What the host tells of a run before it is started; the host knows how to read workflows and prices. */
import type { Spec } from '../../spec/spec.ts';
import type { WantedWorkflow } from './workflow-facts.ts';

export interface PlannedOn {
  readonly spec: Spec;
  /** The commit that the run would start on. */
  readonly base: string;
  /** How many tasks the spec was split into the last time; null where that is not known. */
  readonly tasks: number | null;
  readonly maxBudgetUsd: number | null;
  /** The default branch. */
  readonly project: {
    readonly read: (path: string) => Promise<string | null>;
    /** Names in a folder, `''` for the top; null where there is none. */
    readonly list: (folder: string) => Promise<readonly string[] | null>;
  };
}

export type DescribeRun = (
  wanted: WantedWorkflow,
  on: PlannedOn,
) => Promise<
  | { readonly lines: readonly string[]; readonly price: string }
  /** Why it cannot be told. */
  | { readonly problem: string }
>;
