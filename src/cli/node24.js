#!/usr/bin/env node
/**
 * Starts a TypeScript file of this package where Node is new enough, and says what to do where it is not.
 * Plain JavaScript that every Node since 12 can read. Usage: node src/cli/node24.js FILE [ARGUMENT…]
 */
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `gump needs Node 24 or newer, this is ${process.version}: on Linux x64 run \`npm ci\`, which brings it along; elsewhere install it from nodejs.org.\n`,
  );
  process.exit(2);
}
// The second start takes a third of the first one's time. Where the folder cannot be written, every start is a first one.
const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
const { enableCompileCache } = await import('node:module');
enableCompileCache(process.env.NODE_COMPILE_CACHE || join(cache, 'gump', 'compiled'));
process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1]);
await import(pathToFileURL(process.argv[1]).href);
