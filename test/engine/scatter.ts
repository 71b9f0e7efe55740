/**
 * A whole number below 2^32 that a text always gives, and near texts far apart: FNV-1a, stirred at the end as MurmurHash3
 * does. A simulated run asks hundreds of times, and a cryptographic hash would take a third of it.
 */
export function scatter(text: string, start = 0): number {
  let hash = 0x811c9dc5 ^ start;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
