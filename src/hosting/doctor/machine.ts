/** What every run needs of the machine: git, Node, room on the disk. */
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { sep } from 'node:path';
import { explain } from '../../errors.ts';
import { gitText, userEnvironment } from '../../git/git.ts';
import { limits } from '../../limits.ts';
import { temporaryFolderHint, temporaryFolderProblem } from '../../process/temporary.ts';
import type { Finding } from './finding.ts';

/** `merge-tree --write-tree` is of this version. @source git's release notes 2.38 (read 2026-11) */
const gitNeeded = [2, 38] as const;

export async function examineGit(): Promise<Finding> {
  const install = `install git ${gitNeeded.join('.')} or newer: https://git-scm.com/downloads`;
  try {
    const said = await gitText(['--version'], {
      cwd: sep,
      env: userEnvironment(),
      timeoutMs: limits.doctorCommandMs,
    });
    const version = /(\d+)\.(\d+)\S*/.exec(said);
    const [text = said, major, minor] = version ?? [];
    if (isAtLeast([Number(major), Number(minor)], gitNeeded)) return finding('git', 'ok', text);
    return finding('git', 'broken', `git ${text} is too old`, install);
  } catch (error) {
    return finding('git', 'broken', explain(error), install);
  }
}

export function examineNode(version: string = process.versions.node): Finding {
  const isNew = isAtLeast([Number(version.split('.')[0]), 0], [24, 0]);
  if (isNew) return finding('node', 'ok', version);
  return finding('node', 'broken', `Node ${version} is too old`, 'install Node 24 or newer from nodejs.org');
}

function isAtLeast([major, minor]: readonly [number, number], needed: readonly [number, number]): boolean {
  return major > needed[0] || (major === needed[0] && minor >= needed[1]);
}

/** Trees lie in the repository's `.gump`, what lives for one attempt in the folder for temporary files. */
export async function examineDisk(root: string): Promise<readonly Finding[]> {
  const shut = temporaryFolderProblem();
  const places = [...new Set([root, ...(shut === null ? [tmpdir()] : [])])];
  const rooms = await Promise.all(places.map(async (place) => roomAt(place)));
  return shut === null ? rooms : [...rooms, finding('disk', 'broken', shut, temporaryFolderHint)];
}

async function roomAt(place: string): Promise<Finding> {
  try {
    const { bavail, bsize } = await statfs(place);
    const freeBytes = bavail * bsize;
    const message = `${gigabytes(freeBytes)} free at ${place}`;
    if (freeBytes >= limits.diskFreeBytesMin) return finding('disk', 'ok', message);
    const status = freeBytes < limits.diskFreeBytesMin / 10 ? 'broken' : 'warning';
    return finding('disk', status, `only ${message}`, 'make room; `gump gc` removes what old runs left');
  } catch (error) {
    return finding('disk', 'warning', `how much is free at ${place} cannot be told: ${explain(error)}`);
  }
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1024 ** 3).toFixed(1)} GiB`;
}

function finding(
  check: Finding['check'],
  status: Finding['status'],
  message: string,
  hint: string | null = null,
): Finding {
  return { check, status, message, hint };
}
