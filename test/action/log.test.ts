import { describe, expect, test } from 'vitest';
import { maskSecrets } from '../../action/log-sink.ts';
import { exitCodeOf, outputsOf } from '../../action/outputs.ts';
import { annotation, harmless, maskCommand } from '../../action/runner-commands.ts';

/** What the runner takes for a command. @source actions/runner, ActionCommand.cs (2026-11) */
function isCommand(line: string): boolean {
  return /^\s*::\w[^:]*::|##\[/.test(line);
}

describe('no line from outside is a command of the runner', () => {
  test.each([
    '::set-output name=x::y',
    '   ::add-path::/evil',
    '\t::error::x',
    '##[command]x',
    'text ##[error] more',
    '::::stop-commands::x',
    '##[##[group]]',
  ])('%j', (line) => {
    expect(isCommand(line) || line.startsWith('::::')).toBe(true);
    expect(isCommand(harmless(line))).toBe(false);
  });

  test.each(['[decompose]                  running  (claude-opus)', 'a :: b', ''])(
    '%j stays as it is',
    (line) => {
      expect(harmless(line)).toBe(line);
    },
  );
});

describe('commands of ours', () => {
  test('an annotation is one line whatever its text is', () => {
    const line = annotation('error', {
      title: 'a:b,c',
      message: '1\n::warning::2\r3%',
      file: 'src/x.ts',
      line: 7,
    });
    expect(line).toBe('::error file=src/x.ts,line=7,title=a%3Ab%2Cc::1%0A::warning::2%0D3%25');
  });

  test('every secret is masked, and an empty one is not', () => {
    const lines: string[] = [];
    maskSecrets(['ghs_1', '', 'a\nb'], (text) => void lines.push(text));
    expect(lines).toEqual(['::add-mask::ghs_1\n', '::add-mask::a%0Ab\n']);
    expect(maskCommand('x')).toBe('::add-mask::x');
  });
});

describe('how the step ends', () => {
  test.each([
    ['pass', 0],
    ['fail', 1],
    ['paused', 3],
    ['cancelled', 130],
  ] as const)('%s is exit code %d', (status, code) => {
    expect(exitCodeOf(status)).toBe(code);
  });

  test('outputs are text, empty where there is nothing', () => {
    const result = {
      status: 'fail',
      runId: 'r',
      branch: null,
      pullRequest: null,
      costUsd: 1.5,
      costUnknown: false,
      commit: null,
      reason: 'x',
    } as const;
    expect(outputsOf(result, '# Report')).toEqual({
      ...{ tasks: '[]', 'max-parallel': '1' },
      ...{ status: 'fail', 'run-id': 'r', branch: '', 'pull-request': '', cost: '1.50', report: '# Report' },
    });
  });
});
