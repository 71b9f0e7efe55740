/** Where a path really leads, as the kernel would follow it: for paths of which only the beginning need exist. */
import { readlinkSync, realpathSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { limits } from '../limits.ts';

/**
 * Segment by segment, for `..` behind a link is above its target. A link to what is not there yet is followed as well: who
 * writes there makes it.
 * @param path absolute, as a stranger wrote it
 * @returns absolute; `/` where links lead in a circle
 */
export function realPath(path: string): string {
  return follow(path, 0);
}

function follow(path: string, links: number): string {
  let place = '/';
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    place = segment === '..' ? dirname(place) : step(join(place, segment), links);
  }
  return place;
}

function step(path: string, links: number): string {
  try {
    return realpathSync.native(path);
  } catch {
    // It is not there (any more), or a link leads to where nothing is.
  }
  try {
    const target = resolve(dirname(path), readlinkSync(path));
    return links < limits.pathLinksMax ? follow(target, links + 1) : '/';
  } catch {
    return path;
  }
}
