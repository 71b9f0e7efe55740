#!/usr/bin/env node
/**
 * Starts a TypeScript file of this package where Node is new enough, and says what to do where it is not.
 * Plain JavaScript that every Node since 12 can read. Usage: node src/cli/node24.js FILE [ARGUMENT…]
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const major = Number(process.versions.node.split('.')[0]);
if (major < 24) {
  process.stderr.write(
    `gump needs Node 24 or newer, this is ${process.version}: on Linux x64 run \`npm ci\`, which brings it along; elsewhere install it from nodejs.org.\n`,
  );
  process.exit(2);
}
process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1]);
await import(pathToFileURL(process.argv[1]).href);
