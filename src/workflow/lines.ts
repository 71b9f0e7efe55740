/** Offsets of a text as lines and columns, both from 0. */

export interface Spot {
  readonly line: number;
  readonly column: number;
}

/** Finds the line of an offset; for many offsets of one text, each in logarithmic time. */
export function spotsIn(text: string): (offset: number) => Spot {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return (offset) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low, column: offset - (starts[low] ?? 0) };
  };
}
