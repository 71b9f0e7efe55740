/** What a spec lacks, told before money is spent: a table of rules over its text, no model, always the same answer. */
import { blocksOf } from './blocks.ts';
import { frontMatterOf } from './front-matter.ts';
import { leftEmpty, nothingSaid } from './layout.ts';
import { type About, partsOf } from './sections.ts';

export interface Remark {
  /** Stable and greppable, e.g. `no-criteria`. */
  readonly code: string;
  /** What is missing or too much, and what to do about it: two sentences. */
  readonly text: string;
}

/** What the rules look at. */
interface Facts {
  /** Without front matter, the facts below the title, fillers and linked issues; code included. */
  readonly text: string;
  /** The same without fenced code. */
  readonly prose: string;
  readonly words: number;
  readonly about: (about: About) => string;
  readonly unanswered: string | null;
  /** What cleaning took out, one phrase each. */
  readonly removed: readonly string[];
}

interface Rule {
  readonly code: string;
  /** What is wrong, as a sentence; null where nothing is. */
  readonly find: (facts: Facts) => string | null;
  /** What to do, as a sentence. */
  readonly advice: string;
}

const wordsMin = 12;
const wordsMax = 2_500;
const itemsMax = 20;

const criteria = /\b(acceptance|success) criteri(a|on)\b|\bdefinition of done\b|\bdone when\b/i;
const path =
  /(?:^|[\s`'"(])(?:\.{0,2}\/)?(?:[\w@.-]+\/)+[\w@.-]+|(?:^|[\s`'"(])[\w-]+\.(?:[cm]?[jt]sx?|py|go|rs|java|kt|rb|php|cs|c|h|cpp|swift|scala|ex|exs|sh|sql|css|scss|html|vue|svelte|ya?ml|toml|json|md|xml|gradle|tf|proto)\b|`[^`\n]{2,80}`/im;
const vague =
  /\b(better|nicer?|improve[sd]?|optimi[sz]e[sd]?|clean ?up|somehow|some way|etc|and so on|and more|as needed|if possible|user.friendly|intuitive|modern|robust|simply|various|several things|stuff|works? properly)\b/gi;
const measured =
  /\d|`|\bmust\b|\bshall\b|\bexactly\b|\bat (most|least)\b|\b(return|throw|respond|print|show|reject|log)s?\b/i;
const open = /\[NEEDS CLARIFICATION[^\]]{0,500}\]|\b(TBD|TODO|FIXME|to be (decided|defined))\b|\?{3,}/gi;
const broken = /\b(bugs?|crash(es|ed)?|broken|regression|stack ?trace|exceptions?|does ?n.t work|fails?)\b/i;
const reproduced = /\b(reproduc\w*|steps|expected|actual(ly)?|instead|observed)\b|\d+\.\s|```|~~~/i;

const rules: readonly Rule[] = [
  {
    code: 'no-criteria',
    find: ({ text, about }) =>
      about('criteria') !== '' || criteria.test(text) || hasScenario(text)
        ? null
        : 'It has no acceptance criteria.',
    advice:
      'Add a section "Success Criteria" (or "Acceptance criteria") that lists what must be true in the end: gates and reviewers judge by it.',
  },
  {
    code: 'too-short',
    find: ({ words }) =>
      words >= wordsMin ? null : `It has ${words === 0 ? 'no text but its title' : counted(words, 'word')}.`,
    advice: 'Say what happens today, what should happen instead, and how one can see it.',
  },
  {
    code: 'vague',
    find: ({ prose }) => {
      const found = [...new Set([...prose.matchAll(vague)].map(([word]) => word.toLowerCase()))];
      if (found.length === 0 || (found.length < 3 && measured.test(prose))) return null;
      return `It stays vague: ${found
        .slice(0, 5)
        .map((word) => `"${word}"`)
        .join(', ')}.`;
    },
    advice:
      'Put something that can be measured in their place: an example, a number, an input and its output.',
  },
  {
    code: 'no-paths',
    find: ({ text }) => (path.test(text) ? null : 'It names no file, folder, command or identifier.'),
    advice:
      'Name where the change belongs, for example `src/cart/total.ts`: agents then read less and miss less.',
  },
  {
    code: 'no-reproduction',
    find: ({ text, about }) =>
      !broken.test(text) || reproduced.test(text) || about('scenarios') !== ''
        ? null
        : 'It tells of something broken, and not how to see it.',
    advice: 'Add the steps, what was expected, and what happened instead.',
  },
  {
    code: 'open-questions',
    find: ({ prose }) => {
      const count = [...prose.matchAll(open)].length;
      return count === 0
        ? null
        : `It leaves ${counted(count, 'question')} open (\`[NEEDS CLARIFICATION]\`, TBD, ???).`;
    },
    advice: 'Answer them in the file or in a comment, or say what is to be assumed: an agent will guess.',
  },
  {
    code: 'unanswered',
    find: ({ unanswered }) => (unanswered === null ? null : 'Fields of the issue form were left empty.'),
    advice: 'Fill in what matters; the section "Assumptions" names them.',
  },
  {
    code: 'too-large',
    find: ({ words }) =>
      words <= wordsMax ? null : `It has ${counted(words, 'word')}; up to ${wordsMax} are read well.`,
    advice: 'Split it into issues that can be merged one after another, and link them.',
  },
  {
    code: 'too-many',
    find: ({ text }) => {
      const count = text.match(/^ {0,12}[-*+] (?:\[ \] )?\*\*(?:FR|SC)-\d+\*\*/gm)?.length ?? 0;
      return count <= itemsMax
        ? null
        : `It asks for ${count} things at once; up to ${itemsMax} fit one run well.`;
    },
    advice: 'Split it by what can be merged alone.',
  },
  {
    code: 'pictures',
    find: ({ removed }) =>
      removed.some((phrase) => /\bimages?$/.test(phrase)) ? 'Its pictures are not shown to agents.' : null,
    advice: 'Say in words what matters in them.',
  },
  {
    code: 'elsewhere',
    find: ({ prose }) =>
      /\b(see|as (described|specified|discussed)|according to|details? in|per)\b[^.\n]{0,60}https?:\/\//i.test(
        prose,
      )
        ? 'It points to a page elsewhere for what is to be built.'
        : null,
    advice: 'Quote what matters: pages change after the approval, and an agent may not be able to open them.',
  },
  {
    code: 'collapsed',
    find: ({ prose }) =>
      /<details\b/i.test(prose) ? 'Some of its text is folded away on the page (`<details>`).' : null,
    advice: 'Read it below before you start a run: agents get all of it.',
  },
];

/** How many rules there are: what a spec without remarks was held to. */
export const rulesCount: number = rules.length;

/** The remarks on a spec, in the order of the table; empty where there are none. */
export function qualityOf({
  text,
  removed,
}: {
  readonly text: string;
  readonly removed: readonly string[];
}): readonly Remark[] {
  const facts = factsOf(text, removed);
  return rules.flatMap(({ code, find, advice }) => {
    const found = find(facts);
    return found === null ? [] : [{ code, text: `${found} ${advice}` }];
  });
}

/** A paragraph with given, when and then, in this order. */
function hasScenario(text: string): boolean {
  return text.split(/\n\s*\n/).some((paragraph) => {
    const given = paragraph.search(/\bgiven\b/i);
    if (given < 0) return false;
    const when = paragraph.slice(given).search(/\bwhen\b/i);
    return when >= 0 && /\bthen\b/i.test(paragraph.slice(given + when));
  });
}

function factsOf(spec: string, removed: readonly string[]): Facts {
  const body = frontMatterOf(spec)?.rest ?? spec;
  const parts = partsOf(body).filter(({ heading }) => heading !== null || !body.startsWith('#'));
  const linked = parts.findIndex(({ heading, level }) => level === 2 && heading === 'Linked Issues');
  const own = linked < 0 ? parts : parts.slice(0, linked);
  const said = own
    .map((part) => ({ ...part, text: withoutFillers(part.text) }))
    .filter((part) => part.text !== '');
  const text = said.map((part) => `${headingOf(part.heading)}${part.text}`).join('\n\n');
  return {
    text,
    prose: withoutFences(text),
    words: said.reduce((sum, part) => sum + wordsIn(part.text), 0),
    about: (about) =>
      said
        .filter((part) => part.about === about)
        .map((part) => part.text)
        .join('\n'),
    unanswered: spec.split('\n').find((line) => line.startsWith(leftEmpty)) ?? null,
    removed,
  };
}

function headingOf(heading: string | null): string {
  return heading === null ? '' : `## ${heading}\n\n`;
}

/** What the layout puts there itself says nothing about the issue. */
function withoutFillers(text: string): string {
  return text
    .split('\n')
    .filter(
      (line) =>
        line !== nothingSaid &&
        !line.startsWith(leftEmpty) &&
        !/^\*\*(Feature Branch|Created|Status|Input)\*\*: /.test(line),
    )
    .join('\n')
    .trim();
}

function withoutFences(text: string): string {
  const { isFenced } = blocksOf(text);
  return text
    .split('\n')
    .filter((_, line) => !isFenced(line))
    .join('\n');
}

function wordsIn(text: string): number {
  return text.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu)?.length ?? 0;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
