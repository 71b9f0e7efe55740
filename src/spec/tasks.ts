/** Numbers before what is asked for, as spec-kit has them: `FR-001`, `SC-001`. Ticked boxes are done and get none. */
import { blocksOf } from './blocks.ts';

export interface Numbered {
  readonly text: string;
  /** The first number that is free. */
  readonly next: number;
}

export interface Numbering {
  readonly prefix: 'FR' | 'SC';
  readonly from: number;
  /** `tasks`: items with an open box only; `items`: the items of every list that is not in another one. */
  readonly of: 'tasks' | 'items';
}

/** An item that is numbered already keeps its number. */
export function numberItems(text: string, { prefix, from, of }: Numbering): Numbered {
  const { isFenced } = blocksOf(text);
  let next = from;
  const lines = text.split('\n').map((line, index) => {
    const [, item = '', what = ''] = /^(\s{0,12}[-*+] +(?:\[[ xX]\] +)?)(\S.*)$/.exec(line) ?? [];
    if (item === '' || isFenced(index) || /^\W{0,4}(FR|SC)-?\d/i.test(what)) return line;
    const isOpen = /\[ \]/.test(item);
    const isPlain = of === 'items' && /^[-*+] +$/.test(item);
    return isOpen || isPlain ? `${item}**${prefix}-${String(next++).padStart(3, '0')}**: ${what}` : line;
  });
  return { text: lines.join('\n'), next };
}
