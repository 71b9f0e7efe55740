/** One thing that the doctor looked at. */

export interface Finding {
  readonly check:
    | 'git'
    | 'node'
    | 'repository'
    | 'configuration'
    | 'agent'
    | 'gate'
    | 'sandbox'
    | 'disk'
    | 'github';
  /**
   * `broken`: a run that needs it cannot work. `warning`: it works, otherwise than somebody may think. `note`: something
   * is not there that not every run needs.
   */
  readonly status: 'ok' | 'note' | 'warning' | 'broken';
  /** One sentence or phrase; a problem of a file has several lines. */
  readonly message: string;
  /** What to do; null where there is nothing to do. */
  readonly hint: string | null;
}

/** What was found out about GitHub. */
export function told(status: Finding['status'], message: string, hint: string | null = null): Finding {
  return { check: 'github', status, message, hint };
}
