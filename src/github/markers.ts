/**
 * Hidden marks by which our own comments, pull requests and reviews are found again.
 * Text from outside never contains one: `defuse` breaks every `<!--`.
 */

/** Around the spec in the status comment. */
export const specStart = '<!-- gump:spec -->';
export const specEnd = '<!-- /gump:spec -->';

/** Behind the spec that a comment shows: the hash of the whole text. */
export function specHashMarker(hash: string): string {
  return `<!-- gump:spec-hash ${hash} -->`;
}

/** Of which moment of the issue a spec was made; ISO 8601, UTC, whole seconds. */
export function specAsOfMarker(at: string): string {
  return `<!-- gump:spec-as-of ${at} -->`;
}

/** True where the body says that its spec was made of a later moment; an empty one is no moment. */
export function isSpecNewer(body: string, at: string): boolean {
  const told = /^<!-- gump:spec-as-of (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ) -->$/m.exec(body)?.[1] ?? '';
  return at !== '' && told > at;
}

/** Around the part of a comment or of a pull request's body that a running run replaces. */
export const progressStart = '<!-- gump:progress -->';
export const progressEnd = '<!-- /gump:progress -->';

/** First line of the one status comment of an issue or a pull request. */
export function statusMarker(kind: 'issue' | 'pull', number: number): string {
  return `<!-- gump:status ${kind}-${number} -->`;
}

/** First line of the body of the pull request that a run opened. */
export function pullRequestMarker(run: string): string {
  return `<!-- gump:pull-request ${run} -->`;
}

/** First line of a review's body; the id is that of the gate whose verdict it shows. */
export function reviewMarker(externalId: string): string {
  return `<!-- gump:review ${externalId} -->`;
}

/** First line of an answer in a person's review thread; one a run. */
export function answerMarker(run: string): string {
  return `<!-- gump:answer ${run} -->`;
}

/** The body with the text between two marks replaced; appended with its marks where the body has none. */
export function replaceBlock(
  body: string,
  marks: { readonly start: string; readonly end: string },
  text: string,
): string {
  const block = `${marks.start}\n${text}\n${marks.end}`;
  const from = body.indexOf(marks.start);
  const to = from < 0 ? -1 : body.indexOf(marks.end, from + marks.start.length);
  if (to < 0) return `${body.trimEnd()}\n\n${block}\n`;
  return body.slice(0, from) + block + body.slice(to + marks.end.length);
}
