import { describe, expect, it } from 'vitest';
import { type Mount, type SandboxRequest, sandboxArguments } from '../../src/process/sandbox.ts';

function request(mounts: readonly Mount[], more: Partial<SandboxRequest> = {}): string {
  return sandboxArguments({ mounts, cwd: '/repo/tree', network: 'host', closed: true, ...more }).join(' ');
}

const read = (path: string): Mount => ({ kind: 'read', path });
const write = (path: string): Mount => ({ kind: 'write', path });
const hide = (path: string, isFile = false): Mount => ({ kind: 'hide', path, isFile });

describe('the arguments of a sandbox', () => {
  it('always unshare processes, drop all rights, and bind the end to that of the engine', () => {
    const always = [
      '--unshare-user',
      '--unshare-pid',
      '--die-with-parent',
      '--cap-drop ALL',
      '--new-session',
    ];
    for (const option of always) expect(request([])).toContain(option);
    expect(request([])).toContain('--disable-userns');
    expect(request([], { closed: false })).not.toContain('--disable-userns');
  });

  it('leave the network as it is, or take it', () => {
    expect(request([])).not.toContain('--unshare-net');
    expect(request([], { network: 'none' })).toContain('--unshare-net');
  });

  it('lay the deeper mount over the shallower one, in whatever order they are given', () => {
    const mounts = [write('/repo/tree'), read('/repo'), hide('/repo/.git')];
    const order = '--ro-bind /repo /repo --tmpfs /repo/.git --bind /repo/tree /repo/tree';
    for (const given of [mounts, mounts.toReversed()]) {
      const made = request(given);
      expect(made.indexOf('--ro-bind /repo /repo')).toBeLessThan(made.indexOf('--tmpfs /repo/.git'));
      expect(made.indexOf('--ro-bind /repo /repo')).toBeLessThan(
        made.indexOf('--bind /repo/tree /repo/tree'),
      );
    }
    expect(request([read('/repo'), hide('/repo/.git'), write('/repo/tree')])).toContain(order);
  });

  it('make a folder in the place of a link that something has to be laid into', () => {
    const link: Mount = { kind: 'link', path: '/var/tmp', target: '/tmp' };
    expect(request([link])).toContain('--symlink /tmp /var/tmp');
    for (const mounts of [
      [link, read('/var/tmp/bin')],
      [write('/var/tmp/bin'), link],
    ]) {
      const made = request(mounts);
      expect(made).not.toContain('--symlink');
      expect(made).toMatch(/--tmpfs \/var\/tmp --(ro-)?bind \/var\/tmp\/bin \/var\/tmp\/bin/);
      expect(made).not.toContain('--remount-ro /var/tmp');
    }
  });

  it('take the last word about a path', () => {
    const made = request([write('/repo'), read('/repo')]);
    expect(made).toContain('--ro-bind /repo /repo');
    expect(made).not.toContain('--bind /repo /repo --');
    expect(made.match(/\/repo \/repo/g)).toHaveLength(1);
  });

  it('name nothing that is shown already, and hide nothing that is not shown', () => {
    const made = request([read('/usr'), read('/usr/lib'), hide('/home/me/.ssh'), hide('/usr/secret', true)]);
    expect(made).not.toContain('/usr/lib');
    expect(made).not.toContain('.ssh');
    expect(made).toContain('--ro-bind /dev/null /usr/secret');
  });

  it('show links as links, where no folder shows them already', () => {
    const link = (path: string): Mount => ({ kind: 'link', path, target: 'usr/bin' });
    const made = request([read('/usr'), link('/bin'), link('/usr/bin')]);
    expect(made).toContain('--symlink usr/bin /bin');
    expect(made).not.toContain('/usr/bin --');
  });

  it('end with everything read-only that no mount makes writable', () => {
    const made = request([read('/repo'), hide('/repo/.git')]);
    expect(made).toMatch(/--remount-ro \/repo\/\.git --remount-ro \/ --chdir \/repo\/tree -- \/bin\/sh -c /);
  });
});
