/** Whether a text of a file looks like a key, or like the place of one: such a text is never quoted. */

/** Names of headers, of parameters and of settings that hold a credential. */
export function isKeyName(name: string): boolean {
  return /key|token|secret|password|passwd|credential|authorization|cookie|signature|^auth$|^sig$|^code$/i.test(
    name,
  );
}

/** @source beginnings that providers give to their keys; JSON web tokens; the words before a credential in a header (2026-11) */
const keyStart =
  /^(?:sk-|sk_|gsk_|xai-|AIza|gh[pousr]_|github_pat_|eyJ|AKIA|hf_|r8_|pplx-|(?:Bearer|Basic)\s)/i;

export function isKeyLike(text: string): boolean {
  const value = text.trim();
  if (keyStart.test(value)) return true;
  // Long, without a blank, and of all kinds of characters: nobody writes such a word by hand.
  const isMixed = /[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value);
  return value.length >= 32 && /^[\w+/=.~-]+$/.test(value) && isMixed;
}
