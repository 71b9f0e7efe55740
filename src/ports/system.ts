/** The port of what the pure rooms may not know: time and people. */

export interface System {
  /** ISO 8601, UTC, milliseconds. */
  now(): string;
  /** Masks every secret known to the process (of at least that length, in characters), in plain, base64 and URL-encoded form. */
  redact(text: string, secretCharactersMin?: number): string;
  /** Asks the person at the terminal; null where nobody is there. End of input is null, never consent. */
  ask(question: string): Promise<'approve' | 'reject' | null>;
}
