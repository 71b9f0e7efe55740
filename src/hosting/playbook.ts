/** `gump playbook`: what ships, what the project and the user have, and which of them would run. */
import { homedir } from 'node:os';
import { join } from 'node:path';
import { type Diagnostic, nearest } from '../diagnostic.ts';
import { type CatalogueEntry, catalogue, findEntry } from '../playbook/catalogue.ts';
import type { PlaybookFolders } from '../playbook/source.ts';
import { projectRoot } from './config-layers.ts';
import { usage } from './local-run.ts';

export function listPlaybook(dir: string): readonly CatalogueEntry[] {
  return catalogue(foldersAround(dir));
}

export type Shown =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'shown'; readonly entry: CatalogueEntry; readonly text: string };

/** The file that a name means. */
export function showPlaybook(dir: string, name: string): Shown {
  const folders = foldersAround(dir);
  const found = findEntry(folders, name);
  if (found) return { kind: 'shown', ...found };
  const names = catalogue(folders).map((entry) => entry.name);
  const near = nearest(name, [...names, ...names.map((one) => one.replace(/^validators\//, ''))]);
  const hint = near ? `did you mean ${near}?` : `\`gump playbook list\` names them all: ${names.join(', ')}`;
  return { kind: 'refused', diagnostics: [usage(`there is no workflow or validator "${name}"`, hint)] };
}

/** Outside of a project only what the user has, and what ships. */
function foldersAround(dir: string): PlaybookFolders {
  const root = projectRoot(dir);
  return { project: root === null ? null : join(root, '.gump'), user: join(homedir(), '.gump') };
}
