/**
 * Text of agents and commands is data (R9): it may say anything, and must not notify people, close issues,
 * load pictures, lead elsewhere or look like a mark of ours.
 */
import { breakReferences, zeroWidth } from '../report/references.ts';
import { closed } from '../spec/blocks.ts';
import { invisibleCharacters } from '../spec/invisible.ts';
import { clip, cutMiddle } from './cut.ts';

/** Prose of an agent as markdown that stays harmless; its own formatting and code blocks survive. */
export function defuse(text: string, charactersMax = 20_000): string {
  return closed(cutMiddle(disarmed(text), { charactersMax }));
}

function disarmed(text: string): string {
  return (
    breakReferences(clean(text))
      // `&#64;name` would become a mention after rendering.
      .replace(/&(?=#|[a-z][a-z0-9]*;)/gi, `&${zeroWidth}`)
      .replace(/<(?=[a-z/!?])/gi, `<${zeroWidth}`)
      .replace(/#(?=\d)/g, `#${zeroWidth}`)
      .replace(/!(?=\\?\[)/g, `!${zeroWidth}`)
      .replace(/\](?=[(:[])/g, `]${zeroWidth}`)
      // A suggestion is applied with one click; a verdict is no patch.
      .replace(/^([ \t>]*(?:`{3,}|~{3,})[ \t]*)suggestion\b.*$/gim, '$1text')
  );
}

/** One line for a table cell or a title: no line breaks, no column separators, no code blocks, harmless. */
export function defuseLine(text: string, charactersMax = 200): string {
  return harmlessLine(text, charactersMax).replace(/[|`\\]|~(?=~)/g, (sign) => `\\${sign}`);
}

/** One line for what is shown as plain text: nothing is escaped, the end is cut off. */
export function harmlessLine(text: string, charactersMax = 200): string {
  return disarmed(clip(clean(text).replace(/\s+/g, ' ').trim(), charactersMax));
}

/** A code block that shows the text as it is; its fence is longer than any inside, and no mark of ours survives in it. */
export function fence(text: string, charactersMax: number, rest?: string): string {
  const safe = clean(text).replaceAll('<!--', `<${zeroWidth}!--`);
  const longest = Math.max(2, ...[...safe.matchAll(/`+/g)].map((run) => run[0].length));
  const ticks = '`'.repeat(Math.min(longest, 60) + 1);
  // Sixty-one backticks in a row are no log: they are taken out rather than answered with a longer fence.
  const body = safe.replace(/`{61,}/g, '…');
  const room = charactersMax - 2 * ticks.length - 6;
  return `${ticks}text\n${cutMiddle(body.trimEnd(), { charactersMax: room, ...(rest ? { rest } : {}) })}\n${ticks}`;
}

/** Without escape sequences, control, invisible, bidirectional and tag characters. */
export function clean(text: string): string {
  return text
    .replace(/\r\n?/g, '\n')
    .replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '')
    .replace(/\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)/g, '')
    .replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '')
    .replace(invisibleCharacters, '');
}
