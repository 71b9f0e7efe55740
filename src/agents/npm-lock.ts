/** What npm says that it has installed. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isObject } from './json.ts';

export interface InstalledPackage {
  readonly name: string;
  readonly version: string;
  /** The hash by which npm has verified the file; null where there was none. */
  readonly integrity: string | null;
}

/** Every package below a `node_modules`. @throws the file system's error, or SyntaxError, where npm left no list */
export async function packagesIn(modules: string): Promise<readonly InstalledPackage[]> {
  const list: unknown = JSON.parse(await readFile(join(modules, '.package-lock.json'), 'utf8'));
  const packages = isObject(list) && isObject(list.packages) ? Object.entries(list.packages) : [];
  return packages.flatMap(([path, one]): InstalledPackage[] => {
    if (!isObject(one)) return [];
    const text = (key: string) => (typeof one[key] === 'string' ? one[key] : null);
    // A package under another name says its own.
    const name = text('name') ?? path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    return [{ name, version: text('version') ?? '', integrity: text('integrity') }];
  });
}
