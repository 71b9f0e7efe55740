/** Issues that a text names: `#12`, `owner/repo#12`, and their addresses. */
import { blocksOf } from './blocks.ts';

export interface Here {
  readonly owner: string;
  readonly repo: string;
  /** Of the issue itself, which is no reference. */
  readonly number: number;
  /** Without a slash at its end: `https://github.com`. */
  readonly serverUrl: string;
}

/** Numbers of issues of the same repository, in the order in which they are named; what stands in code does not count. */
export function referencesIn(text: string, here: Here): readonly number[] {
  const { isFenced } = blocksOf(text);
  const prose = text
    .split('\n')
    .filter((_, line) => !isFenced(line))
    .join('\n')
    .replace(/(`+)(?!`)[\s\S]{0,1000}?(?<!`)\1(?!`)/g, ' ');
  const own = `${here.owner}/${here.repo}`.toLowerCase();
  const address = `${here.serverUrl}/${own}/issues/`.toLowerCase();
  const found = [
    ...prose.matchAll(
      /(?<![\w#&/.-])((?:[\w.-]{1,100}\/[\w.-]{1,100})?)#([1-9]\d{0,8})(?!\w)|(https?:\/\/[^\s<>()]{1,300}\/)issues\/([1-9]\d{0,8})(?![\w/])/gi,
    ),
  ].flatMap(([, project = '', short, base, long]) => {
    if (short !== undefined) return project === '' || project.toLowerCase() === own ? [Number(short)] : [];
    return `${base}issues/`.toLowerCase() === address ? [Number(long)] : [];
  });
  return [...new Set(found)].filter((number) => number !== here.number);
}
