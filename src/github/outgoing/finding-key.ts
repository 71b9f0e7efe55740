/** By what a finding is known again, although lines move and a judge finds other words. Pure. */
import { createHash } from 'node:crypto';
import { zeroWidth } from '../../report/references.ts';
import type { Finding } from '../../workflow/workflow.ts';

/** What is told of a finding in its comment, so that a later verdict finds it again. */
export interface FindingKey {
  /** Of the step and gate whose validator found it, whatever the run. */
  readonly scope: string;
  /** Of path and words, without numbers, case and punctuation. */
  readonly said: string;
  /** Of path and the line of code that it stands on; null where that is not known, or says nothing (`}`). */
  readonly place: string | null;
}

export interface Keyed extends FindingKey {
  /** Its words, for a comparison that is less strict. */
  readonly words: ReadonlySet<string>;
}

export function scopeOf({ step, gate }: { readonly step: string; readonly gate: string }): string {
  return hash(`${step}/${gate}`);
}

/** @param code the line that it stands on, as the diff has it; null where the diff does not. */
export function keyOf(finding: Finding, scope: string, code: string | null): Keyed {
  const path = finding.path.replace(/^\.\//, '');
  const plain = (code ?? '').trim().replace(/\s+/g, ' ');
  const place = /\w.*\w.*\w/.test(plain) ? hash(`${path}\n${plain}`) : null;
  const words = wordsOf(finding.body);
  return { scope, said: hash(`${path}\n${words.join(' ')}`), place, words: new Set(words) };
}

/** First line of a comment on a line. */
export function findingMarker({ scope, said, place }: FindingKey): string {
  return `<!-- gump:finding ${scope} ${said} ${place ?? '-'} -->`;
}

/** What a comment of ours is about; null for any other text. */
export function readMarker(body: string): Keyed | null {
  const [first = '', ...rest] = body.split(/\r?\n/);
  const [, scope = '', said = '', place] =
    /^<!-- gump:finding ([0-9a-f]{16}) ([0-9a-f]{16}) ([0-9a-f]{16}|-) -->$/.exec(first) ?? [];
  if (scope === '') return null;
  const words = new Set(wordsOf(rest.join('\n')));
  return { scope, said, place: place === '-' || place === undefined ? null : place, words };
}

/**
 * Which of the known findings each of the new ones is, one to one, by index; the best pairs first: same words on the same
 * line of code, same words, the same line of code with half of the words.
 */
export function pairUp(
  found: readonly Keyed[],
  known: readonly (Keyed & { readonly preferred: boolean })[],
): ReadonlyMap<number, number> {
  const pairs = found.flatMap((one, index) =>
    known.flatMap((other, at) => {
      const score = likeness(one, other);
      return score === 0 ? [] : [{ index, at, score: score + (other.preferred ? 0.5 : 0) }];
    }),
  );
  const paired = new Map<number, number>();
  const taken = new Set<number>();
  for (const { index, at } of pairs.sort((a, b) => b.score - a.score)) {
    if (paired.has(index) || taken.has(at)) continue;
    paired.set(index, at);
    taken.add(at);
  }
  return paired;
}

/** 0: another one. */
function likeness(one: Keyed, other: Keyed): number {
  if (one.scope !== other.scope) return 0;
  const samePlace = one.place !== null && one.place === other.place;
  if (one.said === other.said) return samePlace ? 3 : 2;
  return samePlace && sharedWords(one.words, other.words) >= 0.5 ? 1 : 0;
}

function sharedWords(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const all = new Set([...one, ...other]);
  return all.size === 0 ? 0 : [...one].filter((word) => other.has(word)).length / all.size;
}

function wordsOf(text: string): readonly string[] {
  return (
    text
      .toLowerCase()
      .replaceAll(zeroWidth, '')
      .match(/\p{L}+/gu) ?? []
  );
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
