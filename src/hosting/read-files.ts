/** Reading what a person named on the command line. */
import { statSync } from 'node:fs';
import type { AgentScript } from '../agents/script.ts';
import { openRepository } from '../git/repository.ts';
import { limits } from '../limits.ts';
import { readPlainFile } from '../playbook/plain-file.ts';
import { readSpec } from '../spec/read.ts';
import type { Spec } from '../spec/spec.ts';
import { usage } from './local-run.ts';
import { type Prepared, prepareScript } from './prepare.ts';

/** The spec of a file, `-` for standard input, or why there is none. */
export async function readSpecFile(
  path: string,
  resolvePath: (path: string) => string,
): Promise<Prepared<Spec>> {
  if (path === standardInput) return specOf(await readInput(limits.specBytesMax + 1), 'standard input');
  const { bytes, problem } = readHead(resolvePath(path), limits.specBytesMax + 1);
  if (bytes !== null) return specOf(bytes, path);
  const hint = 'give the path of a markdown file: --spec spec.md';
  return { diagnostics: [usage(`the spec ${path} ${problem}`, hint)] };
}

/** As a path: the text that is piped in. */
export const standardInput = '-';

function specOf(bytes: Buffer, origin: string): Prepared<Spec> {
  const read = readSpec({ bytes, origin });
  return 'spec' in read ? { value: read.spec, diagnostics: [] } : { diagnostics: read.diagnostics };
}

/** No more than is wanted: who writes without end is left behind. */
async function readInput(bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of process.stdin) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes >= bytesMax) break;
  }
  return Buffer.concat(chunks).subarray(0, bytesMax);
}

/** None was named. The first lines of the workflow say what it is for, and so what its spec is. */
export function noSpec(workflow: string): Prepared<Spec> {
  const [head = ''] = /^(?:#.*\n){0,4}/.exec(workflow) ?? [];
  const about = head.trimEnd().replace(/^#+ ?/gm, '  ');
  const hint = ['say what to build: --spec spec.md', about].filter((part) => part !== '').join('\n');
  return { diagnostics: [usage('no spec is named', hint)] };
}

/** The agent script of a file, or why there is none; null where none is named. */
export function readScript(
  path: string | null,
  resolvePath: (path: string) => string,
): Prepared<AgentScript | null> {
  if (path === null) return prepareScript(null);
  const { bytes, problem } = readHead(resolvePath(path), limits.agentScriptBytesMax + 1);
  if (bytes !== null) return prepareScript({ file: path, text: bytes.toString('utf8') });
  const hint = 'give the path of a YAML file: --agent-script FILE (or GUMP_AGENT_SCRIPT)';
  return { diagnostics: [usage(`the agent script ${path} ${problem}`, hint)] };
}

/** The repository that a folder is in, or why there is none. @throws GumpError `git` */
export async function openHere(dir: string): ReturnType<typeof openRepository> {
  if (isFolder(dir)) return openRepository(dir);
  return { problem: usage(`there is no folder ${dir}`, 'name the folder of your repository: --repo DIR') };
}

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    // Not there, or a name that no file can have.
    return false;
  }
}

type Head =
  | { readonly bytes: Buffer; readonly problem: null }
  | { readonly bytes: null; readonly problem: string };

function readHead(path: string, bytesMax: number): Head {
  try {
    const bytes = readPlainFile(path, bytesMax);
    return bytes === null ? { bytes, problem: 'is no plain file' } : { bytes, problem: null };
  } catch {
    // The caller says which file it was and what to give instead.
    return { bytes: null, problem: 'cannot be read' };
  }
}
