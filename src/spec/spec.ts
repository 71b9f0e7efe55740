/** What is to be built: markdown, cleaned once on entry (R9), frozen by its hash. */

export interface Spec {
  /** The text as the agent gets it. */
  readonly text: string;
  /** SHA-256 of `text` as UTF-8, lower-case hex. */
  readonly hash: string;
  /** Where it came from, for messages: a file's path or `owner/repo#12`. */
  readonly origin: string;
  /** What cleaning took out, one phrase each; empty where nothing was. */
  readonly removed: readonly string[];
}
