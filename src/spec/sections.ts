/** Parts of an issue by what they are about, told by their headings: those of spec-kit and of common issue forms. */
import { blocksOf, type Heading } from './blocks.ts';

/** What a section of spec-kit's layout is about. */
export type About = 'scenarios' | 'requirements' | 'criteria' | 'assumptions' | 'clarifications';

export interface Part {
  /** Null: nothing known. */
  readonly about: About | null;
  /** Its heading as written; null for what stands before the first. */
  readonly heading: string | null;
  /** 1 to 6; 0 where it has no heading. */
  readonly level: number;
  /** Without the heading, blank lines around it gone; may be empty. */
  readonly text: string;
}

/** Headings, as `plainHeading` gives them, that say what stands below. */
const known: readonly (readonly [About, RegExp])[] = [
  [
    'scenarios',
    /^(user )?(scenarios?|stor(y|ies))( (and|&) testing)?$|^use cases?$|^edge cases$|^acceptance scenarios$|^(steps )?(to|how to) reproduce( .*)?$|^reproduction( steps)?$|^(expected|actual|current|observed) (behaviou?r|result|outcome)s?$|^what (happened|did you (do|see|expect)).*$/,
  ],
  [
    'requirements',
    /^(functional |non functional )?requirements?$|^key entities$|^tasks?( list)?$|^to ?do$|^(proposed|suggested) (solution|change)s?$|^(describe the )?solution( you d like)?$|^proposal$|^scope$|^what should change$/,
  ],
  [
    'criteria',
    /^(acceptance|success) (criteri(a|on)|tests?)$|^(definition of )?done( when)?$|^acceptance$|^measurable outcomes$/,
  ],
  ['assumptions', /^assumptions$|^constraints?$|^(out of scope|non goals?)$/],
  ['clarifications', /^clarifications$/],
];

/** What a heading says of the text below it; null where it is none that is known. */
function aboutOf(heading: string): About | null {
  const plain = plainHeading(heading);
  return known.find(([, pattern]) => pattern.test(plain))?.[0] ?? null;
}

/** `## User Scenarios & Testing *(mandatory)*` → `user scenarios & testing` */
function plainHeading(heading: string): string {
  return heading
    .slice(0, 200)
    .toLowerCase()
    .replace(/\(.*?\)/g, ' ')
    .replace(/[^\p{L}\p{N}&]+/gu, ' ')
    .trim();
}

/** The parts in their order: each heading begins one, whatever its level, and is about what the one around it is about. */
export function partsOf(text: string): readonly Part[] {
  const lines = text.split('\n');
  const { headings } = blocksOf(text);
  const starts: readonly (Heading | null)[] = [null, ...headings];
  const around: { readonly level: number; readonly about: About | null }[] = [];
  return starts.flatMap((heading, index): readonly Part[] => {
    const end = starts[index + 1]?.line ?? lines.length;
    const body = trimLines(lines.slice(heading?.end ?? 0, end));
    if (!heading) return body === '' ? [] : [{ about: null, heading: null, level: 0, text: body }];
    while ((around.at(-1)?.level ?? 0) >= heading.level) around.pop();
    const about = aboutOf(heading.text) ?? around.at(-1)?.about ?? null;
    around.push({ level: heading.level, about });
    return [{ about, heading: heading.text, level: heading.level, text: body }];
  });
}

function trimLines(lines: readonly string[]): string {
  return lines
    .join('\n')
    .replace(/^(?:[^\S\n]*\n)+/, '')
    .trimEnd();
}
