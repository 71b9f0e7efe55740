/** Names of what is kept beside the ledger. */

/** Of the report files that a gate's command wrote; `log` is the gate's log, as its event names it. */
export function reportsName(log: string): string {
  return `${log}.reports`;
}
