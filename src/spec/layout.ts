/** A spec in the layout of GitHub's spec-kit: its sections in its order, what an issue says sorted into them. */
import { type About, type Part, partsOf } from './sections.ts';
import { numberItems } from './tasks.ts';

/** @source github.com/github/spec-kit, templates/spec-template.md (2026-11) */
const sections: readonly {
  readonly about: About;
  readonly title: string;
  readonly isMandatory: boolean;
}[] = [
  { about: 'scenarios', title: 'User Scenarios & Testing', isMandatory: true },
  { about: 'requirements', title: 'Requirements', isMandatory: true },
  { about: 'criteria', title: 'Success Criteria', isMandatory: true },
  { about: 'assumptions', title: 'Assumptions', isMandatory: false },
  { about: 'clarifications', title: 'Clarifications', isMandatory: false },
];

/** Stands in a section that has to be there and of which the issue has no part. */
export const nothingSaid = '_The issue has no section for this._';

/** What an issue form shows for a field that was left empty. @source docs.github.com, "Syntax for issue forms" (2026-11) */
const unanswered = '_No response_';

/** Begins the line that names such fields. */
export const leftEmpty = 'Left empty in the issue:';

/**
 * The body's parts under the sections that their headings belong to; no word changes, but for numbers before
 * requirements and criteria. What no heading places is the description.
 * @param added maintainers' comments, each with a heading of the third level
 */
export function layOut(body: string, added: readonly string[]): readonly string[] {
  const parts = partsOf(body);
  const said = parts.filter(({ text }) => text !== unanswered);
  const empty = parts.flatMap(({ text, heading }) => (text === unanswered && heading ? [heading] : []));
  const more: Partial<Record<About, readonly string[]>> = {
    assumptions: empty.length > 0 ? [`${leftEmpty} ${empty.join(', ')}.`] : [],
    clarifications: added,
  };
  const description = numberItems(rendered(said.filter(({ about }) => about === null)), {
    prefix: 'FR',
    from: 1,
    of: 'tasks',
  });
  const laid = sections.flatMap(({ about, title, isMandatory }) => {
    const own = rendered(
      said.filter((part) => part.about === about),
      about,
    );
    const text = [numbered(own, about, description.next), ...(more[about] ?? [])].filter((one) => one !== '');
    if (text.length === 0) return isMandatory ? [`## ${title}\n\n${nothingSaid}`] : [];
    return [`## ${title}\n\n${text.join('\n\n')}`];
  });
  return description.text === '' ? laid : [`## Description\n\n${description.text}`, ...laid];
}

function numbered(text: string, about: About, nextRequirement: number): string {
  if (about === 'criteria') return numberItems(text, { prefix: 'SC', from: 1, of: 'items' }).text;
  if (about !== 'requirements') return text;
  return numberItems(text, { prefix: 'FR', from: nextRequirement, of: 'items' }).text;
}

/** Parts with their headings moved below the second level; one that only repeats the section's own is left out. */
function rendered(parts: readonly Part[], about: About | null = null): string {
  const title = sections.find((section) => section.about === about)?.title;
  const isOwn = ({ heading }: Part): boolean =>
    heading !== null && title !== undefined && plain(heading) === plain(title);
  const top = Math.min(
    6,
    ...parts.filter((part) => part.heading !== null && !isOwn(part)).map(({ level }) => level),
  );
  return parts
    .flatMap((part) => {
      const heading =
        part.heading === null || isOwn(part) ? '' : headingLine(part.level - top + 3, part.heading);
      return [heading, part.text].filter((one) => one !== '');
    })
    .join('\n\n');
}

function headingLine(level: number, text: string): string {
  return `${'#'.repeat(Math.min(6, level))} ${text}`.trimEnd();
}

/** Markdown with its headings below the third level, for what stands under a heading of ours. */
export function nested(text: string): string {
  return partsOf(text)
    .flatMap(({ heading, level, text: own }) => [
      ...(heading === null ? [] : [headingLine(level + 3, heading)]),
      ...(own === '' ? [] : [own]),
    ])
    .join('\n\n');
}

function plain(heading: string): string {
  return heading
    .replace(/\*?\(mandatory\)\*?/i, '')
    .replace(/[^a-z]/gi, '')
    .toLowerCase();
}
