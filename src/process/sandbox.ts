/**
 * What a sandboxed command sees of this machine, as arguments of bubblewrap. Pure: the same request gives the same
 * arguments. Whatever no mount names is not there; what is there can be written only where a mount says so.
 */
import { dirname } from 'node:path';
import { limits } from '../limits.ts';

/** Absolute paths with all links resolved, except for the place of a `link` itself (whose folder is resolved). */
export type Mount =
  | { readonly kind: 'read' | 'write'; readonly path: string }
  /** Lies in something that is seen, and must not be: a folder is shown empty, a file as nothing. */
  | { readonly kind: 'hide'; readonly path: string; readonly isFile: boolean }
  | { readonly kind: 'link'; readonly path: string; readonly target: string }
  /** An empty folder of its own that can be written. */
  | { readonly kind: 'fresh'; readonly path: string };

export interface SandboxRequest {
  /** For the same path the last one counts; a deeper path is laid over a shallower one. */
  readonly mounts: readonly Mount[];
  /** Has to be in what is seen. */
  readonly cwd: string;
  /** `none`: an empty network, not even this machine's loopback. */
  readonly network: 'host' | 'none';
  /** False for versions of bubblewrap that cannot forbid further user namespaces. */
  readonly closed: boolean;
}

/** Where bubblewrap tells how it went, as JSON lines: a file descriptor that the command does not get. */
export const statusDescriptor = 3;

/**
 * The arguments behind the program `bwrap`; the command follows them, its program as an absolute path.
 * @source bwrap(1) 0.8.0 (read and tried 2026-11)
 */
export function sandboxArguments({ mounts, cwd, network, closed }: SandboxRequest): readonly string[] {
  const laid = lay(mounts);
  return [
    ...['--unshare-user', '--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(network === 'none' ? ['--unshare-net'] : []),
    ...(closed ? ['--disable-userns'] : []),
    ...['--cap-drop', 'ALL', '--die-with-parent', '--new-session', '--as-pid-1'],
    ...['--json-status-fd', String(statusDescriptor)],
    ...['--proc', '/proc', '--dev', '/dev', '--tmpfs', '/tmp'],
    ...laid.flatMap(argumentsOf),
    // Last, for the places of deeper mounts are made while these can still be written.
    ...laid.filter(isHiddenFolder).flatMap(({ path }) => ['--remount-ro', path]),
    ...['--remount-ro', '/', '--chdir', cwd, '--', '/bin/sh', '-c', firstProcess, 'sh'],
  ];
}

/**
 * The sandbox's first process: ends as the command does (128 and the signal's number where one ended it), once what the
 * command left running had its moment to end by itself. With it the kernel ends everything else.
 */
const firstProcess = `trap : HUP INT TERM
exec 3>&2 2>/dev/null
[ -x "$1" ] || { echo "$1: not to be seen in the sandbox" >&3; exit 127; }
(exec "$@") 2>&3 3>&-
code=$?
turn=0
while set -- /proc/[0-9]*; [ $# -gt 1 ] && [ $turn -lt ${limits.strayGraceMs / 10} ]; do
  turn=$((turn + 1))
  sleep 0.01
done
exit $code`;

/** Mounts in the order in which they have to be made, without those that change nothing. */
function lay(mounts: readonly Mount[]): readonly Mount[] {
  const byPath = new Map(mounts.map((mount) => [mount.path, mount]));
  const sorted = [...byPath.values()]
    .map((mount) => asFolder(mount, mounts))
    .sort((a, b) => depth(a.path) - depth(b.path));
  const placed = new Map<string, Kind>(ownFolders);
  return sorted.filter((mount) => {
    if (isNeedless(mount, around(placed, mount.path))) return false;
    placed.set(mount.path, mount.kind);
    return true;
  });
}

/** Nothing can be laid into a link: where something is to be, a folder stands in its place. */
function asFolder(mount: Mount, mounts: readonly Mount[]): Mount {
  const { kind, path } = mount;
  const isEntered = kind === 'link' && mounts.some((other) => other.path.startsWith(`${path}/`));
  return isEntered ? { kind: 'fresh', path } : mount;
}

/** `bare`: nothing is in it; `fresh`: nothing is in it, but it can be written. */
type Kind = Mount['kind'] | 'bare';

/** What every sandbox has of its own. */
const ownFolders: readonly (readonly [string, Kind])[] = [
  ['/', 'bare'],
  ['/proc', 'bare'],
  ['/dev', 'bare'],
  ['/tmp', 'fresh'],
];

function isNeedless({ kind }: Mount, outer: Kind): boolean {
  const shown = outer === 'read' || outer === 'write';
  // A link in a folder that is shown is shown with it. What is not shown need not be hidden, but a write in its place
  // must be denied.
  if (kind === 'link' || kind === 'fresh') return shown;
  return kind === 'hide' ? !shown && outer !== 'fresh' : kind === outer;
}

/** The kind of the mount that a path lies in. */
function around(placed: ReadonlyMap<string, Kind>, path: string): Kind {
  for (let folder = dirname(path); ; folder = dirname(folder)) {
    const kind = placed.get(folder);
    if (kind !== undefined) return kind;
  }
}

function depth(path: string): number {
  return path.split('/').length;
}

function argumentsOf(mount: Mount): string[] {
  const { path } = mount;
  if (mount.kind === 'link') return ['--symlink', mount.target, path];
  if (mount.kind === 'fresh') return ['--tmpfs', path];
  if (mount.kind === 'hide') return mount.isFile ? ['--ro-bind', '/dev/null', path] : ['--tmpfs', path];
  return [mount.kind === 'write' ? '--bind' : '--ro-bind', path, path];
}

function isHiddenFolder(mount: Mount): boolean {
  return mount.kind === 'hide' && !mount.isFile;
}
