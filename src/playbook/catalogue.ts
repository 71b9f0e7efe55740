/** What can be run and what can judge: each name with the file that wins, whose it is, and what it is for. */
import { parseWorkflow } from '../workflow/parse.ts';
import {
  type Copy,
  copiesOf,
  type Kind,
  type Owner,
  type PlaybookFolders,
  validatorNames,
  workflowNames,
} from './source.ts';

export interface CatalogueEntry {
  /** As `gump run` or a gate names it: `tdd`, `validators/arch-review`. */
  readonly name: string;
  readonly kind: Kind;
  readonly owner: Owner;
  /** As messages name it: `.gump/workflows/tdd.yaml`. */
  readonly file: string;
  /** On disk. */
  readonly path: string;
  readonly description: string;
  /** Files of the same name that stand behind it. */
  readonly hides: readonly string[];
}

/** Workflows first, each kind by name. */
export function catalogue(folders: PlaybookFolders): readonly CatalogueEntry[] {
  return [
    ...workflowNames(folders).flatMap((name) => entryOf(folders, 'workflows', name)),
    ...validatorNames(folders).flatMap((name) => entryOf(folders, 'validators', name)),
  ];
}

/** A workflow's name, or a validator's with or without its folder; null where there is none. */
export function findEntry(
  folders: PlaybookFolders,
  name: string,
): { readonly entry: CatalogueEntry; readonly text: string } | null {
  const validator = name.replace(/^validators\//, '');
  const kinds: readonly (readonly [Kind, string])[] =
    validator === name
      ? [
          ['workflows', name],
          ['validators', name],
        ]
      : [['validators', validator]];
  for (const [kind, wanted] of kinds) {
    const [copy] = copiesOf(folders, kind, wanted);
    const [entry] = entryOf(folders, kind, wanted);
    if (copy && entry) return { entry, text: copy.source.text };
  }
  return null;
}

function entryOf(folders: PlaybookFolders, kind: Kind, name: string): CatalogueEntry[] {
  const [first, ...behind] = copiesOf(folders, kind, name);
  if (!first) return [];
  const { owner, path } = first;
  return [
    {
      name: kind === 'validators' ? `validators/${name}` : name,
      ...{ kind, owner, path },
      file: first.source.file,
      description: describe(name, first),
      hides: behind.map(({ source }) => source.file),
    },
  ];
}

/** The first sentence of the comment that the file begins with, else the names of its steps. */
function describe(name: string, { source }: Copy): string {
  const comment = leadingComment(source.text).replace(new RegExp(`^${name}:\\s*`), '');
  const [sentence = ''] = /^.*?[.!?](?=\s|$)/.exec(comment) ?? [comment];
  return sentence || steps(source);
}

function leadingComment(text: string): string {
  const lines = text.split(/\r?\n/);
  const end = lines.findIndex((line) => !/^\s*(#|$)/.test(line));
  const comments = lines
    .slice(0, end < 0 ? lines.length : end)
    .map((line) => line.trim().replace(/^#+\s*/, ''));
  // A line for editors says nothing to people.
  return comments.filter((line) => line !== '' && !/^yaml-language-server\b/.test(line)).join(' ');
}

function steps({ file, text, readPrompt }: Copy['source']): string {
  const { workflow } = parseWorkflow({ file, text, readPrompt });
  if (!workflow) return `not valid: gump validate ${file}`;
  return workflow.steps.map((step) => step.name).join(' → ');
}
