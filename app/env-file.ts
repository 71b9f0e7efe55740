/** The file `.env` of the folder that the App is started in: its credentials, for its owner's eyes only. */
import { chmodSync, existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { explain, GumpError } from '../src/index.ts';
import type { Environment } from './settings.ts';

/** Adds the variables, or replaces them; other lines stay. @throws GumpError `process` where the file cannot be written */
export function keepInFile(path: string, variables: Readonly<Record<string, string>>): void {
  try {
    const before = existsSync(path) ? readFileSync(path, 'utf8') : '';
    const names = Object.keys(variables).join('|');
    const others = before.replace(new RegExp(`^(?:${names})=(?:"[^"]*"|.*)\\n?`, 'gm'), '');
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${quoted(value)}\n`);
    const text = `${others}${others === '' || others.endsWith('\n') ? '' : '\n'}${lines.join('')}`;
    writeFileSync(`${path}.new`, text, { mode: 0o600 });
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
  } catch (error) {
    throw new GumpError(`The credentials of the new App were not written to ${path}: ${explain(error)}`, {
      code: 'process',
      hint: 'Let the App write there, delete the App on GitHub, and begin again: the key is shown once.',
    });
  }
}

/** The environment with what the file says where it says nothing itself; an empty variable says nothing. */
export function withEnvFile(env: Environment, path: string): Environment {
  if (!existsSync(path)) return env;
  const said = Object.entries(env).filter(([, value]) => value !== undefined && value !== '');
  return { ...parseEnv(readFileSync(path, 'utf8')), ...Object.fromEntries(said) };
}

function quoted(value: string): string {
  return /^[\w./:+=-]*$/.test(value) ? value : `"${value.replaceAll('\n', '\\n')}"`;
}
