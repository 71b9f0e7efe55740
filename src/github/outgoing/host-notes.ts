/** What GitHub leaves out of a run because of whose token it is, each with the one step that mends it. Pure. */

export interface HostFacts {
  /** The login that pushes; null where it is not known. */
  readonly pushesAs: string | null;
  /** Who dispatched the job, as the runner says it. */
  readonly startedBy: string | null;
}

/** The account behind every `GITHUB_TOKEN`. It decides only what is told here, never what somebody may do. */
const jobAccount = /^github-actions(\[bot\])?$/;

export function isJobAccount(login: string | null): boolean {
  return login !== null && jobAccount.test(login);
}

/** Whether a button on a check would reach anybody: GitHub tells the App that made the check, and the job's own token has none. */
export function hasButtons(login: string | null): boolean {
  return login !== null && /\[bot\]$/.test(login) && !isJobAccount(login);
}

/**
 * @source docs.github.com, "Triggering a workflow from a workflow" and "GITHUB_TOKEN": what it pushes starts no workflow,
 * and those of a pull request that it made wait for somebody's approval (2026-11)
 */
export function hostNotes({ pushesAs, startedBy }: HostFacts): readonly string[] {
  const notes: string[] = [];
  if (isJobAccount(pushesAs))
    notes.push(
      "This run pushes with the job's own token, so CI on its pull request waits until somebody presses **Approve workflows to run** there. With a secret `GUMP_PUSH_TOKEN` (a fine-grained token with the right to write contents) CI starts by itself.",
    );
  if (isJobAccount(startedBy))
    notes.push(
      'No App is installed, so checks have no buttons and an answer takes as long as a runner takes to start: comment the commands, or install the App.',
    );
  return notes;
}
