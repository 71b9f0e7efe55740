import MarkdownIt, { type Env, type Token } from 'markdown-it';
import { escapeHtml, type Html, trusted } from './html.ts';

export interface MarkdownPlace {
  /** Address of the repository's page, for `#12`. */
  readonly repositoryUrl: string;
  /** True in comments, where GitHub turns a line end into a line break. */
  readonly breaks?: boolean;
}

interface RenderState extends Env {
  /** Tags of the whitelist that the text has opened and not closed. */
  readonly open: string[];
}

/** Raw HTML that is let through, without attributes; comments vanish, everything else is shown as text. */
const allowedTags = new Set(['details', 'summary', 'sub', 'sup', 'br', 'kbd']);
const voidTags = new Set(['br']);

/** GitHub-flavoured markdown as HTML: tables, task lists, strikethrough, bare links, `#12`. */
export function markdown(text: string | null | undefined, place: MarkdownPlace): Html {
  const renderer = createRenderer(place);
  const state: RenderState = { open: [] };
  const body = renderer.render(text ?? '', state);
  const closing = state.open.toReversed().map((tag) => `</${tag}>`);
  return trusted(`<div class="markdown">${body}${closing.join('')}</div>`);
}

function createRenderer(place: MarkdownPlace): InstanceType<typeof MarkdownIt> {
  const renderer = new MarkdownIt({ html: true, linkify: true, breaks: place.breaks ?? false });
  // A bare `report.md` is a file name here, not a host.
  renderer.linkify.set({ fuzzyLink: false, fuzzyEmail: false });
  const raw = (tokens: Token[], index: number, _options: unknown, env: Env | undefined): string =>
    sanitize(tokens[index]?.content ?? '', env as RenderState);
  renderer.renderer.rules.html_block = raw;
  renderer.renderer.rules.html_inline = raw;
  renderer.core.ruler.push('tasks', (state) => {
    markTasks(state.tokens);
  });
  renderer.core.ruler.push('alerts', (state) => {
    markAlerts(state.tokens);
  });
  renderer.core.ruler.push('numbers', (state) => {
    for (const token of state.tokens) {
      if (token.children !== null) token.children = linkNumbers(token.children, place, state.Token);
    }
  });
  return renderer;
}

function sanitize(content: string, state: RenderState): string {
  const withoutComments = content.replace(/<!--[\s\S]*?(?:-->|$)/g, '');
  return withoutComments.replace(
    /<\/?([A-Za-z][\w-]*)[^<>]*>|&(?:#?\w+;)|[&<>"']/g,
    (found, name?: string) => {
      if (name !== undefined) return sanitizeTag(found, name.toLowerCase(), state);
      return found.length > 1 ? found : escapeHtml(found);
    },
  );
}

function sanitizeTag(tag: string, name: string, state: RenderState): string {
  if (!allowedTags.has(name)) return escapeHtml(tag);
  if (voidTags.has(name)) return `<${name}>`;
  if (!tag.startsWith('</')) {
    state.open.push(name);
    return name === 'details' && /\sopen\b/.test(tag) ? '<details open>' : `<${name}>`;
  }
  const at = state.open.lastIndexOf(name);
  // A closing tag without an opening one could end an element of the page around the text.
  if (at < 0) return '';
  return state.open
    .splice(at)
    .toReversed()
    .map((open) => `</${open}>`)
    .join('');
}

function markTasks(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const inListItem =
      tokens[index - 2]?.type === 'list_item_open' && tokens[index - 1]?.type === 'paragraph_open';
    const first = token.children?.[0];
    const box = /^\[([ xX])\] /.exec(first?.content ?? '');
    if (!inListItem || first?.type !== 'text' || box === null) continue;
    first.content = `${box[1] === ' ' ? '☐' : '☑'} ${first.content.slice(4)}`;
    tokens[index - 2]?.attrJoin('class', 'task');
  }
}

function markAlerts(tokens: readonly Token[]): void {
  for (const [index, token] of tokens.entries()) {
    const first = token.children?.[0];
    const alert = /^\[!(NOTE|TIP|IMPORTANT|WARNING|CAUTION)\]$/.exec(first?.content ?? '');
    const quote = tokens[index - 2];
    if (alert?.[1] === undefined || first === undefined || quote?.type !== 'blockquote_open') continue;
    quote.attrJoin('class', `alert alert-${alert[1].toLowerCase()}`);
    first.content = alert[1].charAt(0) + alert[1].slice(1).toLowerCase();
  }
}

type TokenMaker = typeof Token;

function linkNumbers(children: readonly Token[], place: MarkdownPlace, make: TokenMaker): Token[] {
  let linkDepth = 0;
  return children.flatMap((child) => {
    if (child.type === 'link_open') linkDepth += 1;
    if (child.type === 'link_close') linkDepth -= 1;
    if (child.type !== 'text' || linkDepth > 0) return [child];
    return child.content.split(/((?<![\w&/#])#\d+\b)/).flatMap((piece, index) => {
      if (index % 2 === 0) return piece === '' ? [] : [textToken(piece, make)];
      const open = new make('link_open', 'a', 1);
      // GitHub sends a pull request's number from /issues to /pull.
      open.attrSet('href', `${place.repositoryUrl}/issues/${piece.slice(1)}`);
      return [open, textToken(piece, make), new make('link_close', 'a', -1)];
    });
  });
}

function textToken(content: string, make: TokenMaker): Token {
  const token = new make('text', '', 0);
  token.content = content;
  return token;
}
