/** A mapping of the file held against the table of fields: unknown keys told, known ones ready to be taken. */
import { nearest } from '../diagnostic.ts';
import { fieldOf, type KeyOf, keysOf, type Place, placeNames, placesOf, type TypeOf } from './fields.ts';
import type { Problems } from './problems.ts';
import { describe, type Pair, quoted, type Tree } from './tree.ts';
import { readers, type Values } from './values.ts';

export interface Entries<P extends Place> {
  readonly place: P;
  readonly pairs: ReadonlyMap<string, Pair>;
}

/** What readers need: where problems go. */
export interface Reading {
  readonly problems: Problems;
}

/** Opens a mapping; null (with a problem) where the value is none. Keys that `place` does not know are told. */
export function open<P extends Place>(reading: Reading, place: P, tree: Tree): Entries<P> | null {
  if (tree.kind !== 'mapping') {
    reading.problems.add({
      code: 'wrong-type',
      at: tree.at,
      message: `${placeNames[place]} is a mapping of keys, not ${describe(tree)}`,
      hint: `keys here: ${keysOf(place).join(', ')}`,
    });
    return null;
  }
  const pairs = new Map<string, Pair>();
  for (const pair of tree.pairs) {
    if (fieldOf(place, pair.key)) pairs.set(pair.key, pair);
    else tellUnknown(reading, place, pair);
  }
  return { place, pairs };
}

function tellUnknown(reading: Reading, place: Place, pair: Pair): void {
  reading.problems.add({
    code: 'unknown-key',
    at: pair.keyAt,
    message: `unknown key ${quoted(pair.key)} in ${placeNames[place]}`,
    hint: unknownHint(place, pair.key),
  });
}

function unknownHint(place: Place, key: string): string {
  if (key === '<<') return 'YAML 1.2 has no merge keys; write the keys themselves';
  const elsewhere = placesOf(key).filter((other) => other !== 'prompt');
  if (elsewhere.length > 0 && key !== 'name') {
    const places = elsewhere.map((other) => placeNames[other]).join(' or ');
    return `\`${key}\` belongs in ${places}`;
  }
  const near = nearest(key, keysOf(place));
  return near ? `did you mean \`${near}\`?` : `keys here: ${keysOf(place).join(', ')}`;
}

/** The value of a key, checked by its type; null where it is absent or wrong (then a problem says so). */
export function take<P extends Place, K extends KeyOf<P>>(
  reading: Reading,
  entries: Entries<P>,
  key: K,
): Values[TypeOf<P, K>] | null {
  const pair = entries.pairs.get(key);
  const field = fieldOf(entries.place, key);
  if (!field || !pair) return null;
  return readers[field.type as TypeOf<P, K>](pair, reading.problems);
}

/** Tells a required key that is absent. */
export function need<P extends Place>(
  reading: Reading,
  entries: Entries<P>,
  { key, tree, why }: { readonly key: KeyOf<P>; readonly tree: Tree; readonly why?: string },
): void {
  if (entries.pairs.has(key)) return;
  reading.problems.add({
    code: 'missing-key',
    at: tree.at,
    message: `${placeNames[entries.place]} needs \`${key}\`${why ? `: ${why}` : ''}`,
    hint: fieldOf(entries.place, key)?.doc,
  });
}
