import { describe, expect, it } from 'vitest';
import { childEnvironment, secretsOf } from '../../src/process/environment.ts';

describe("a child's environment", () => {
  it('holds no secret and nothing of the runner', () => {
    const source = {
      PATH: '/bin',
      HOME: '/home/me',
      LC_TIME: 'de_DE.UTF-8',
      JAVA_HOME: '/java',
      GITHUB_TOKEN: 'ghs_1',
      GH_TOKEN: 'ghs_2',
      'INPUT_GITHUB-TOKEN': 'ghs_3',
      ACTIONS_RUNTIME_TOKEN: 'x',
      ACTIONS_ID_TOKEN_REQUEST_URL: 'x',
      GITHUB_OUTPUT: '/out',
      GITHUB_ENV: '/env',
      GUMP_MARK: 'x',
      GUMP_HOME: 'x',
      ANTHROPIC_API_KEY: 'sk',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--require x',
      GIT_DIR: '/x',
      SSH_AUTH_SOCK: '/sock',
      LC_TOKEN: 'x',
    };
    expect(childEnvironment({}, source)).toEqual({
      PATH: '/bin',
      HOME: '/home/me',
      LC_TIME: 'de_DE.UTF-8',
      JAVA_HOME: '/java',
      LANG: 'C.UTF-8',
    });
  });

  it('has a UTF-8 locale whatever ours is', () => {
    expect(childEnvironment({}, { LANG: 'de_DE.UTF-8' })).toEqual({ LANG: 'de_DE.UTF-8' });
    expect(childEnvironment({}, { LANG: 'C', LC_ALL: 'POSIX' })).toEqual({
      LANG: 'C.UTF-8',
      LC_ALL: 'C.UTF-8',
    });
  });

  it('holds what it is given, and ends the search for a repository at its tree', () => {
    expect(childEnvironment({ ANTHROPIC_API_KEY: 'run-1' }, { LANG: 'C.UTF-8' }, '/run/trees/one')).toEqual({
      LANG: 'C.UTF-8',
      GIT_CEILING_DIRECTORIES: '/run/trees',
      ANTHROPIC_API_KEY: 'run-1',
    });
  });
});

const named = (...names: readonly string[]) =>
  secretsOf(Object.fromEntries(names.map((name) => [name, name])));

it('secrets are found by the names of their variables', () => {
  const names = [
    ...[
      'GITHUB_TOKEN',
      'INPUT_GITHUB-TOKEN',
      'API_KEY',
      'MY_SECRET_VALUE',
      'AWS_SECRET_ACCESS_KEY',
      'DB_PASSWORD',
    ],
    ...['GOOGLE_CREDENTIALS', 'KEY', 'PGPASSWORD', 'npm_config__authToken', 'OPENAI_APIKEY', 'privateKey'],
  ];
  expect(named(...names)).toEqual(names);
  expect(secretsOf({ EMPTY_SECRET: '', GONE_SECRET: undefined, A_TOKEN: 'a', B_TOKEN: 'a' })).toEqual(['a']);
});

it('a word that only contains the name of a secret is none', () => {
  expect(named('MONKEY', 'KEYBOARD', 'HOCKEY_TEAM', 'TOKENIZERS_PARALLELISM', 'SECRETARY', 'PATH')).toEqual(
    [],
  );
});
