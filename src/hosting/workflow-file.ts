/** The workflow file of a repository, made from the one template that people copy too. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export const workflowPath = '.github/workflows/gump.yml';

/** Beside `src/`. */
const template = fileURLToPath(new URL('../../action/workflow-template.yml', import.meta.url));

export interface WorkflowChoice {
  /** `alone`: the file listens to labels, comments and reviews itself. `app`: the GitHub App does. */
  readonly host: 'alone' | 'app';
  /** `owner/name@ref` of the Action; null: the template's placeholder stays. */
  readonly action: string | null;
  /** False for an Enterprise Server, which knows no `queue:`. */
  readonly queue: boolean;
}

/** The file's text. */
export function workflowText({ host, action, queue }: WorkflowChoice): string {
  let text = readFileSync(template, 'utf8');
  text = host === 'app' ? text.replace(region, '') : text.replace(/^ *#(?:region|endregion)\b.*\n/gm, '');
  if (!queue) text = text.replace(/^ *#.*\n *queue: max\n/m, '');
  if (action === null) return text;
  return text.replaceAll('uses: OWNER/gump@v1', `uses: ${action}`).replace(head, made[host]);
}

/** With the empty line that it leaves before the next job. */
const region = /^( *)#region without the App\n[\s\S]*?^\1#endregion\n(?:\n(?= {2}\w))?/gm;
const head = /^# Copy this to [\s\S]*?\n(?=name: )/;
const made = {
  alone:
    '# Made by `gump init`. It works alone: label an issue `gump`, then comment `/gump run`.\n# Where the GitHub App is installed, make it anew: gump init --app --force\n',
  app: '# Made by `gump init --app`: the GitHub App starts it when somebody comments `/gump run`; it can be started by hand too.\n# To do without the App, make it anew: gump init --force\n',
};
