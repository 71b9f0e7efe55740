/** A small repository with a small workflow: two tasks, a validator, one retry. */
import { createHash } from 'node:crypto';
import { lstat, mkdir, readdir, readFile, readlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Desk } from './command.ts';

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const tinyWorkflow = `name: tiny
max_budget: 5
steps:
  - name: plan
    type: split
    prompt: "Split {spec}"
    agent: claude-opus
    gate: [schema]
    each:
      - name: make
        type: code
        prompt: "Make {task.name}: {prev.gate.check.comments}"
        agent: claude-sonnet
        gate:
          - bash: grep -q right {task.files}
          - validate: validators/check
            diff: "{diff}"
        retry:
          - exit: 3
  - name: whole
    gate:
      - bash: cat a.txt b.txt
`;

/** One agent and one gate, for tests that only need some run. */
export const smallWorkflow = `name: small
steps:
  - name: make
    type: code
    prompt: "Make {spec}"
    agent: claude-opus
    gate:
      - bash: grep -q right b.txt
`;

export const checkValidator = `name: check
steps:
  - name: look
    type: validate
    prompt: "Look at {diff}"
    agent: claude-opus
`;

const usage = 'usage: {input_tokens: 10, output_tokens: 1, cost: 0.01}';

/** Task a is wrong at first, task b right at once; every agent spends a cent in its first turn and one in its second. */
export const tinyScript = `rules:
  - step: plan
    turns: [{say: plan, ${usage}}, {sleep_ms: 20, ${usage}}]
    tasks:
      - {name: a, description: makes a, files: [a.txt]}
      - {name: b, description: makes b, files: [b.txt]}
  - step: plan/a/make
    attempt: 1
    turns: [{write: {a.txt: "wrong\\n"}, ${usage}}, {sleep_ms: 20, ${usage}}]
  - step: plan/a/make
    turns: [{write: {a.txt: "right\\n"}, ${usage}}, {sleep_ms: 20, ${usage}}]
  - step: '{make,plan/b/make}'
    turns: [{write: {b.txt: "right\\n"}, ${usage}}, {sleep_ms: 20, ${usage}}]
  - step: "**/check/look"
    turns: [{say: looks, ${usage}}, {sleep_ms: 20, ${usage}}]
    verdict: {pass: true, comments: fine}
`;

export const tinyFiles: Files = {
  'README.md': 'a project\n',
  '.gitignore': 'script.yaml\n',
  '.gump/workflows/tiny.yaml': tinyWorkflow,
  '.gump/workflows/small.yaml': smallWorkflow,
  '.gump/validators/check.yaml': checkValidator,
  'spec.md': '# Two files\n\na.txt and b.txt, both right.\n',
  'script.yaml': tinyScript,
};

export const tinyRun = ['run', 'tiny', '--spec', 'spec.md', '--agent-script', 'script.yaml'];

export const smallRun = ['run', 'small', ...tinyRun.slice(2)];

export async function writeFiles(dir: string, files: Files): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true });
    await writeFile(join(dir, path), content);
  }
}

export interface ProjectOptions {
  readonly files?: Files;
  readonly init?: readonly string[];
  /** Name of the folder on the desk. */
  readonly name?: string;
}

/** A repository on the desk with one commit on `main`; its path. */
export async function makeProject(desk: Desk, options: ProjectOptions = {}): Promise<string> {
  const dir = join(desk.dir, options.name ?? 'project');
  await mkdir(dir, { recursive: true });
  await desk.git(dir, 'init', '-q', '-b', 'main', ...(options.init ?? []));
  await writeFiles(dir, options.files ?? tinyFiles);
  await commitAll(desk, dir, 'first');
  return dir;
}

export async function commitAll(desk: Desk, dir: string, subject: string): Promise<string> {
  await desk.git(dir, 'add', '-A');
  const person = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.org'];
  await desk.git(dir, ...person, 'commit', '-q', '--no-verify', '--no-gpg-sign', '-m', subject);
  return desk.git(dir, 'rev-parse', 'HEAD');
}

/** Every file below a folder, `.git` included, with what is in it; `skip` are paths that are left out. */
export async function listing(dir: string, skip: readonly string[] = []): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  const walk = async (path: string): Promise<void> => {
    for (const name of (await readdir(join(dir, path))).sort()) {
      const inside = path === '' ? name : `${path}/${name}`;
      if (skip.includes(inside)) continue;
      const stat = await lstat(join(dir, inside));
      if (stat.isDirectory()) {
        found[`${inside}/`] = 'folder';
        await walk(inside);
      } else if (stat.isSymbolicLink()) found[inside] = `→ ${await readlink(join(dir, inside))}`;
      else found[inside] = `${stat.mode.toString(8)} ${hash(await readFile(join(dir, inside)))}`;
    }
  };
  await walk('');
  return found;
}

function hash(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}
