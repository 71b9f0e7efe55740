import { describe, expect, it } from 'vitest';
import { parseValidation } from '../../src/gates/validation.ts';

function parse(text: string) {
  return parseValidation({ file: 'gump.toml', text });
}

describe('[validation] of gump.toml', () => {
  it('holds commands and where they come from', () => {
    const text =
      '[other]\nx = 1\n[validation]\ncompile = "make"\ntest = "make test"\nlint = "l"\ncoverage = "c"\nfrom = "head"\n';
    expect(parse(text)).toEqual({
      settings: { commands: { compile: 'make', test: 'make test', lint: 'l', coverage: 'c' }, from: 'head' },
      diagnostics: [],
    });
  });

  it('is not needed', () => {
    expect(parse('default_agent = "claude"\n').settings).toEqual({ commands: {}, from: 'base' });
  });

  it('tells every mistake with its place', () => {
    const text = 'test = 1\n[validation]\ntests = "x"\ntest = ["a"]\nlint = " "\nfrom = "main"\n';
    const { settings, diagnostics } = parse(text);
    expect(settings).toBeNull();
    expect(diagnostics.map(({ at, message, hint }) => [at?.line, at?.column, message, hint])).toEqual([
      [3, 1, 'unknown key `tests` in [validation]', 'did you mean `test`?'],
      [4, 1, '`test` must be a shell command that is not empty', undefined],
      [5, 1, '`lint` must be a shell command that is not empty', undefined],
      [6, 1, '`from` must be "base" or "head"', undefined],
    ]);
  });

  it('that is no TOML is told with its place', () => {
    const { settings, diagnostics } = parse('[validation]\ntest = \n');
    expect(settings).toBeNull();
    expect(diagnostics[0]).toMatchObject({ severity: 'error', at: { line: 2 }, sourceLine: 'test = ' });
  });
});
