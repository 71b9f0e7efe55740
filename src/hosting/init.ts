/** `gump init`: the files that make a repository one of gump's. */
import { existsSync, readFileSync, realpathSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { sampleFile } from '../config/sample.ts';
import type { Diagnostic } from '../diagnostic.ts';
import { projectFile, projectRoot } from './config-layers.ts';
import { replace } from './configure.ts';
import { usage } from './local-run.ts';
import { type WorkflowChoice, workflowPath, workflowText } from './workflow-file.ts';

export interface InitOrder extends WorkflowChoice {
  readonly dir: string;
  /** Overwrite what is there. */
  readonly force: boolean;
  readonly dryRun: boolean;
}

export interface InitFile {
  /** From the repository's top folder. */
  readonly path: string;
  readonly text: string;
  /** `kept`: another file is there and was left alone. */
  readonly status: 'written' | 'overwritten' | 'unchanged' | 'kept';
}

export type Initialized =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  /** With `dryRun`, what would have been. */
  | { readonly kind: 'done'; readonly root: string; readonly files: readonly InitFile[] };

/** @throws GumpError `process` when the disk says no */
export function initRepository(order: InitOrder): Initialized {
  const { dir, force, dryRun, action } = order;
  const root = projectRoot(dir);
  if (root === null || !existsSync(join(root, '.git'))) {
    const hint = 'go into one, or make one here: git init';
    return {
      kind: 'refused',
      diagnostics: [usage(`nothing was written: ${dir} is in no git repository`, hint)],
    };
  }
  if (action !== null && !/^[\w.-]+\/[\w./-]+@[\w./-]+$/.test(action)) {
    const problem = usage(
      `\`${action}\` is no Action`,
      'give it as OWNER/NAME@REF, for example octo-org/gump@v1',
    );
    return { kind: 'refused', diagnostics: [problem] };
  }
  const texts = { [projectFile]: sampleFile(), [workflowPath]: workflowText(order) };
  const outside = Object.keys(texts).filter((path) => !isInside(root, path));
  if (outside.length > 0) {
    const message = `nothing was written: a link leads ${outside.join(', ')} out of the repository`;
    return { kind: 'refused', diagnostics: [usage(message, 'take the link away')] };
  }
  const files = Object.entries(texts).map(([path, text]): InitFile => {
    const status = statusOf(join(root, path), text, force);
    if (!dryRun && (status === 'written' || status === 'overwritten')) replace(join(root, path), text);
    return { path, text, status };
  });
  return { kind: 'done', root, files };
}

function statusOf(path: string, text: string, force: boolean): InitFile['status'] {
  if (!existsSync(path)) return 'written';
  if (readFileSync(path, 'utf8') === text) return 'unchanged';
  return force ? 'overwritten' : 'kept';
}

/** True where the nearest folder that is there lies in the repository, links resolved, and no link stands in the file's place. */
function isInside(root: string, path: string): boolean {
  const top = realpathSync(root);
  const place = join(root, path);
  if (existsSync(place) && realpathSync(place) !== join(top, path)) return false;
  let folder = dirname(place);
  while (!existsSync(folder)) folder = dirname(folder);
  const real = realpathSync(folder);
  return real === top || real.startsWith(top + sep);
}
