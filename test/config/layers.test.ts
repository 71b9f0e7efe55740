import { describe, expect, test } from 'vitest';
import type { Layer } from '../../src/config/config.ts';
import { readEnvironment } from '../../src/config/environment.ts';
import { checkLayers, inForce, mergeLayers } from '../../src/config/layers.ts';
import { parseConfig } from '../../src/config/parse.ts';

function layer(file: string, text: string): Layer {
  const { layer: found, diagnostics } = parseConfig({ file, text });
  if (!found) throw new Error(JSON.stringify(diagnostics));
  return found;
}

function environment(env: Record<string, string>): Layer {
  const { layer: found, diagnostics } = readEnvironment(env);
  if (!found) throw new Error(JSON.stringify(diagnostics));
  return found;
}

describe('the environment', () => {
  test('says what the files say', () => {
    const env = {
      GUMP_DEFAULT_AGENT: 'codex',
      GUMP_MAX_BUDGET: '2.50',
      GUMP_MAX_TOKENS: '1000',
      GUMP_MAX_TIMEOUT: '90s',
      GUMP_MAX_PARALLEL: '2',
    };
    expect(environment(env).config).toMatchObject({
      root: { default_agent: 'codex' },
      budget: { max_budget: 2.5, max_tokens: 1000, max_timeout: 90_000, max_parallel: 2 },
    });
  });

  test('says nothing with a variable that is empty', () => {
    expect(environment({ GUMP_MAX_BUDGET: '', GUMP_DEFAULT_AGENT: ' ' }).config).toMatchObject({
      root: {},
      budget: {},
    });
  });

  test.each([
    ['GUMP_MAX_BUDGET', 'much', 'GUMP_MAX_BUDGET is an amount in USD above 0, such as `20.00`, not `much`'],
    ['GUMP_MAX_BUDGET', '0', 'GUMP_MAX_BUDGET is an amount in USD above 0, such as `20.00`, not `0`'],
    ['GUMP_MAX_BUDGET', '1e3', 'GUMP_MAX_BUDGET is an amount in USD above 0, such as `20.00`, not `1e3`'],
    [
      'GUMP_MAX_TIMEOUT',
      '90',
      'GUMP_MAX_TIMEOUT is a duration of at most 596h, such as `90s`, `30m` or `1h30m`, not `90`',
    ],
    [
      'GUMP_DEFAULT_AGENT',
      'a\u001bb',
      'GUMP_DEFAULT_AGENT is the name of an agent, such as `claude-sonnet`, not `a?b`',
    ],
  ])('with %s=%j is refused', (name, value, message) => {
    expect(readEnvironment({ [name]: value })).toMatchObject({
      layer: null,
      diagnostics: [{ severity: 'error', message }],
    });
  });

  test('warns of a variable that is almost one of ours, and not of others', () => {
    const { diagnostics } = readEnvironment({
      GUMP_MAX_BUGDET: '3',
      GUMP_AGENT_SCRIPT: 'x',
      GUMP_WORKFLOW: 'y',
      MAX_BUDGET: '1',
    });
    expect(diagnostics).toEqual([
      expect.objectContaining({
        severity: 'warning',
        message: 'the variable GUMP_MAX_BUGDET is not known',
        hint: 'did you mean GUMP_MAX_BUDGET?',
      }),
    ]);
  });
});

describe('several sources', () => {
  const user = layer(
    'user',
    'default_agent = "gemini"\n[budget]\nmax_budget = 1\nmax_parallel = 2\n[agents.mine]\ncommand = ["user"]\nenv = ["KEY"]\n',
  );
  const project = layer('project', '[budget]\nmax_budget = 5\n[agents.mine]\ncommand = ["project"]\n');
  const env = environment({ GUMP_DEFAULT_AGENT: 'codex' });
  const layers = [env, project, user];

  test('stand in their order, key by key: environment over project over user', () => {
    expect(mergeLayers(layers)).toMatchObject({
      root: { default_agent: 'codex' },
      budget: { max_budget: 5, max_parallel: 2 },
    });
  });

  test('an agent’s table is taken as a whole: no command of the project gets the user’s variables', () => {
    expect(mergeLayers(layers).agents.mine).toEqual({ command: ['project'] });
    expect(inForce(layers).filter(({ key }) => key.startsWith('agents.'))).toEqual([
      expect.objectContaining({ key: 'agents.mine.command', source: 'project' }),
    ]);
  });

  test('tell of each key which of them decided', () => {
    expect(inForce(layers).map(({ key, source }) => `${key} ${source}`)).toEqual([
      'default_agent environment',
      'budget.max_budget project',
      'budget.max_parallel user',
      'agents.mine.command project',
    ]);
  });

  test('a default agent that none of them knows is told where it was said', () => {
    const wrong = layer('gump.toml', '\ndefault_agent = "clod-opus"\n');
    expect(checkLayers([wrong])).toEqual([
      expect.objectContaining({
        code: 'unknown-agent',
        at: { file: 'gump.toml', line: 2, column: 1 },
        hint: 'did you mean `claude-opus`?',
      }),
    ]);
    expect(checkLayers([layer('gump.toml', 'default_agent = "mine-small"\n'), user])).toEqual([]);
  });
});
