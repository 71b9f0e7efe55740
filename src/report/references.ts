/** What GitHub finds in any text: people, issues and addresses. */

/** Breaks a token for GitHub's parsers and changes nothing for the eye. */
export const zeroWidth = '\u200b';

/**
 * The text in which no mention notifies and no address becomes a link, a backslash before its colon or dot included.
 * `#12` stays: what else a `#` may mean is known to whoever shows the text.
 */
export function breakReferences(text: string): string {
  return (
    text
      // Whatever stands around them: text is cut and its lines are joined later.
      .replace(/@(?!\u200b)/g, `@${zeroWidth}`)
      .replace(/(gh-)(?=\d)/gi, `$1${zeroWidth}`)
      .replace(/(https?|ftp|mailto|xmpp)(?=\\?:)/gi, `$1${zeroWidth}`)
      .replace(/(www)(?=\\?\.)/gi, `$1${zeroWidth}`)
  );
}

/** Numbers too, for text where a `#` means nothing else: in a commit's message a keyword before one closes the issue. */
export function breakAllReferences(text: string): string {
  return breakReferences(text).replace(/#(?=\S)/g, `#${zeroWidth}`);
}
