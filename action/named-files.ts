/** Files of the repository that inputs name, and the spec, which is one of them or stands on GitHub. */
import { readFileSync, realpathSync, statSync } from 'node:fs';
import path from 'node:path';
import { limits } from '../src/index.ts';
import { type Reader, shown } from './reader.ts';

export type SpecSource =
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  | { readonly kind: 'commit'; readonly commit: string; readonly hash: string }
  /** The issue as it stands now. */
  | { readonly kind: 'issue' };

/** Null with a problem, or where no input names one and the command needs none. */
export function readSpec(
  reader: Reader,
  { workspace, issue }: { readonly workspace: string; readonly issue: number | null },
): SpecSource | null {
  const { problems } = reader;
  const commit = reader.matching(
    'spec-commit',
    (value) => /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(value),
    'the full id of a commit',
  );
  const hash = reader.matching(
    'spec-hash',
    (value) => /^[0-9a-f]{64}$/.test(value),
    'a SHA-256 in lower-case hex',
  );
  const file = reader.text('spec');
  if (file !== null && reader.text('spec-commit') !== null) {
    problems.push('Both `spec` and `spec-commit` are given; a run has one spec.');
  }
  if (file !== null) return readSpecFile(file, workspace, problems);
  if ((reader.text('spec-commit') === null) !== (reader.text('spec-hash') === null)) {
    problems.push('The inputs `spec-commit` and `spec-hash` belong together; only one of them is given.');
  }
  if (commit !== null && issue === null && reader.text('issue') === null) {
    problems.push('The input `issue` is missing: `spec-commit` holds the spec of an issue.');
  }
  if (commit !== null && hash !== null) return { kind: 'commit', commit, hash };
  if (issue !== null) return { kind: 'issue' };
  if (reader.text('issue') === null && reader.text('spec-commit') === null) {
    problems.push(
      'There is no spec: give the input `spec` (a markdown file in the repository) or `issue` (its number).',
    );
  }
  return null;
}

function readSpecFile(file: string, workspace: string, problems: string[]): SpecSource | null {
  const found = contained('spec', { file, workspace, problems });
  if (found === null) return null;
  if (statSync(found).size > limits.specBytesMax) {
    problems.push(`The spec ${shown(file)} is too large: it may have ${limits.specBytesMax} bytes.`);
    return null;
  }
  const text = readFileSync(found, 'utf8');
  if (text.trim() === '') problems.push(`The spec ${shown(file)} is empty; write down what is to be built.`);
  return { kind: 'file', path: file, text };
}

/** Absolute; null where real agents run. */
export function readAgentScript({ text, problems }: Reader, workspace: string): string | null {
  const file = text('agent-script');
  return file === null ? null : contained('agent-script', { file, workspace, problems });
}

/** The real path of a file of the workspace, links resolved; null with a problem where it is elsewhere or nowhere. */
function contained(
  name: string,
  { file, workspace, problems }: { file: string; workspace: string; problems: string[] },
): string | null {
  const absolute = path.resolve(workspace, file);
  const exists = statSync(absolute, { throwIfNoEntry: false })?.isFile() === true;
  const real = exists ? realpathSync(absolute) : absolute;
  const root = exists ? realpathSync(workspace) : workspace;
  if (!real.startsWith(`${root}${path.sep}`)) {
    problems.push(`The input \`${name}\` names a file outside of the repository: ${shown(file)}.`);
  } else if (!exists) {
    problems.push(
      `The file of the input \`${name}\` does not exist: ${shown(file)}. Is the repository checked out before this step?`,
    );
  } else {
    return real;
  }
  return null;
}
