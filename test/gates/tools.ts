/** Which tools this machine has; a test that needs one is skipped where it is missing, and its title says which. */
import { spawnSync } from 'node:child_process';

/** True where the tool answers. */
export function has(...command: readonly string[]): boolean {
  const [program = '', ...args] = command;
  return spawnSync(program, args, { stdio: 'ignore', timeout: 20_000 }).status === 0;
}

/** What has to come first on the PATH for a `python3` with these modules; null where there is none. */
export function pythonPath(...modules: readonly string[]): readonly string[] | null {
  const imports = ['-c', `import ${modules.join(', ')}`];
  if (has('python3', ...imports)) return [];
  return has('/usr/bin/python3', ...imports) ? ['/usr/bin'] : null;
}
