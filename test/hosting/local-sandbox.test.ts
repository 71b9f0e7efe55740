import { describe, expect, it } from 'vitest';
import { inForce } from '../../src/config/layers.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { configurationOf, projectFile, userFile } from '../../src/hosting/config-layers.ts';

function sandboxOf(files: { project?: string; user?: string }, env = {}) {
  const parsed = (file: string, text: string | undefined) =>
    text === undefined ? null : parseConfig({ file, text: `[sandbox]\n${text}\n` });
  const project = parsed(projectFile, files.project);
  const { config, layers, diagnostics } = configurationOf({
    ...{ trust: 'stranger', project, user: parsed(userFile, files.user), env },
  });
  // What `gump config` shows is what holds.
  const shown = inForce(layers).filter(({ key }) => key.startsWith('sandbox.'));
  expect(Object.fromEntries(shown.map(({ key, value }) => [key.slice(8), value]))).toEqual(config?.sandbox);
  return { sandbox: config?.sandbox, diagnostics };
}

describe('the sandbox of a run on somebody’s machine', () => {
  it('is opened by the user’s own file', () => {
    const user = 'mode = "off"\nread = ["~/.npmrc"]\nwrite = ["/var/cache/agent"]';
    const sandbox = { mode: 'off', read: ['~/.npmrc'], write: ['/var/cache/agent'] };
    expect(sandboxOf({ user })).toEqual({ sandbox, diagnostics: [] });
  });

  it('is closed by the project’s file, and not opened by it', () => {
    const user = 'mode = "auto"';
    expect(sandboxOf({ project: 'mode = "required"', user }).sandbox).toEqual({ mode: 'required' });
    const opened = sandboxOf({ project: 'mode = "off"\nread = ["~/.ssh"]', user });
    expect(opened.sandbox).toEqual({ mode: 'auto' });
    expect(opened.diagnostics).toMatchObject([
      {
        severity: 'warning',
        message: expect.stringMatching(/gump\.toml says mode = "off", read, which does not hold/),
      },
    ]);
  });

  it('is what the environment says, where it says something', () => {
    const files = { project: 'mode = "required"', user: 'mode = "auto"' };
    expect(sandboxOf(files, { GUMP_SANDBOX: 'off' }).sandbox).toEqual({ mode: 'off' });
  });

  it.each(['["~"]', '["/"]', '["~/../other"]', '["relative"]', '["~/a", 1]', '"~/.npmrc"'])(
    'takes no path %s',
    (read) => {
      const { diagnostics } = parseConfig({ file: userFile, text: `[sandbox]\nread = ${read}\n` });
      expect(diagnostics[0]?.message).toContain('`read` is a list of absolute paths');
    },
  );
});
