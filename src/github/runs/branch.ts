/** The branches of runs of an issue, and the ids of runs without a command. */

/** A replay has a branch of its own: the branch of the run that it begins from is further than its beginning, and only grows. */
export function branchOf(issue: number, run: string): string {
  const replay = /^issue-\d+-(\d+)-replay$/.exec(run)?.[1];
  return replay === undefined ? `gump/issue-${issue}` : `gump/issue-${issue}-replay-${replay}`;
}

/** The run of a job that a person starts by hand: its id says the issue, so that commands there find it. */
export function runByHand(issue: number, job: string): string {
  return `issue-${issue}-${job}-hand`;
}

/** `gump/issue-12`, `gump/issue-12-replay-345` → 12; null for every other branch. */
export function issueOfBranch(branch: string): number | null {
  const digits = /^gump\/issue-([1-9]\d{0,9})(?:-replay-\d{1,15})?$/.exec(branch)?.[1];
  return digits === undefined ? null : Number(digits);
}
