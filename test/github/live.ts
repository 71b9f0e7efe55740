/** What a page would do with a text of ours: an oracle of its own, which shares no code with what makes texts harmless. */
import MarkdownIt from 'markdown-it';

export interface Allowed {
  /** Beginnings of addresses that our own texts link to. */
  readonly links?: readonly string[];
  /** Logins that our own sentences may name. */
  readonly mentions?: readonly string[];
  /** Issues and pull requests that our own sentences may name. */
  readonly numbers?: readonly number[];
  /** True where our own text folds logs away with `<details>`. */
  readonly folds?: boolean;
}

const invisible = /[\u00ad\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e0fff}]/u;
const closes =
  /\b(close[sd]?|fix(e[sd])?|resolve[sd]?)\b:?\s*((?:[\w.-]+\/[\w.-]+)?#\d|gh-\d|https?:\/\/\S+\/\d)/i;

/** Everything in markdown that notifies, closes, loads, leads elsewhere, hides, or is HTML that is not a mark of ours. */
export function liveIn(markdown: string, allowed: Allowed = {}): readonly string[] {
  const found: string[] = [];
  for (const token of parser().parse(markdown, {})) {
    if (token.type === 'html_block') found.push(...htmlIn(token.content, allowed));
    let text = '';
    for (const child of token.children ?? []) {
      if (child.type === 'image') found.push(`image ${child.attrGet('src')}`);
      if (child.type === 'html_inline') found.push(...htmlIn(child.content, allowed));
      const href = child.type === 'link_open' ? String(child.attrGet('href')) : null;
      if (href !== null && !(allowed.links ?? []).some((link) => href.startsWith(link)))
        found.push(`link ${href}`);
      text += child.type === 'code_inline' ? ' ' : child.content;
    }
    found.push(...liveWords(text, allowed));
  }
  const hidden = invisible.exec(markdown);
  return hidden ? [...found, `invisible ${hidden[0].codePointAt(0)?.toString(16)}`] : found;
}

/** The same of text that is read as it is: titles, commit messages, messages of annotations. */
export function liveWords(text: string, { mentions = [], numbers = [] }: Allowed = {}): readonly string[] {
  const found: string[] = [];
  for (const [, login = ''] of text.matchAll(/@([a-z\d][\w-]*)/gi))
    if (!mentions.includes(login)) found.push(`mention ${login}`);
  for (const [, number = ''] of text.matchAll(/(?<![\w&])#(\d+)\b/g))
    if (!numbers.includes(Number(number))) found.push(`reference ${number}`);
  for (const [word] of text.matchAll(/(?<![a-z\d])gh-\d+|[\w.-]+\/[\w.-]+#\d+/gi))
    found.push(`reference ${word}`);
  for (const [word] of text.matchAll(/(?<![a-z\d])www\.[\w-]/gi)) found.push(`link ${word}`);
  const keyword = closes.exec(text);
  return keyword ? [...found, `closing keyword ${keyword[0]}`] : found;
}

/** @source GitHub Flavored Markdown 0.29, "Autolinks (extension)": schemes, `www.` and addresses of mail (2026-11) */
function parser(): InstanceType<typeof MarkdownIt> {
  const made = new MarkdownIt({ html: true, linkify: true });
  made.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  // Only GitHub's: the parser knows addresses without a scheme, too.
  made.linkify.add('//', { validate: () => 0 });
  return made;
}

function htmlIn(html: string, { folds = false }: Allowed): readonly string[] {
  const marks = html.replace(/<!-- \/?gump:[\w-]+(?: [\w.:#/-]+)* -->/g, '');
  const fold = /^<details><summary>([^<>]*)<\/summary>\s*$|^<\/details>\s*$/;
  const [isFold, title = ''] = (folds && fold.exec(marks)) || [];
  if (isFold !== undefined) return liveWords(title);
  return marks.trim() === '' ? [] : [`html ${marks.trim().slice(0, 60)}`];
}
