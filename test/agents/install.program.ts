/** Installs one CLI, so that a test can kill it: cache folder and line as arguments, the registry in its environment. */
import { readWantedClis } from '../../src/agents/cli-packages.ts';
import { installClis } from '../../src/agents/install.ts';

const [, , cache = '', line = ''] = process.argv;
await installClis(readWantedClis(line).wanted, { cache, env: process.env, log: () => undefined });
