/** Agents that end a failed turn as if all were well, with the error as their last words. Pure. */

/**
 * Each is the whole of a last message, or what the program itself puts behind its own notes on retries.
 * @source recorded conversations of Copilot 1.0.102 and codex-acp 2.6.0 (2026-11)
 */
const forms: readonly RegExp[] = [
  /(?:^|Retrying\.\.\.|retrying\.\.\.)(Error: (?:Authentication failed with provider|The provider rejected the prompt|Failed to get response from the AI model).*)$/s,
  /^(\{"error":\{"message":".*\}\})$/s,
  /^(We’re currently experiencing high demand, which may cause temporary errors\.)$/,
];

/** The error that a last message is; null where it is an answer. */
export function errorIn(text: string): string | null {
  const said = text.trim();
  return forms.map((form) => form.exec(said)?.[1]).find((error) => error !== undefined) ?? null;
}
