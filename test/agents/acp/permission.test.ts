import { describe, expect, it } from 'vitest';
import { judge, optionFor, type Rules } from '../../../src/agents/acp-permission.ts';
import type { JsonObject } from '../../../src/agents/json.ts';

const open: Rules = {
  cwd: '/tree',
  access: 'read-write',
  mayWrite: null,
  isIsolated: false,
  realPath: (path) => path,
};
const task: Rules = { ...open, mayWrite: (path) => path.startsWith('src/') };
const reader: Rules = { ...open, access: 'read-only' };
const isolated: Rules = { ...reader, isIsolated: true };

const diff = (path: string) => ({ content: [{ type: 'diff', path, newText: 'x' }] });
const patch = (line: string) => ({
  rawInput: { input: `*** Begin Patch\n*** ${line}\n+x\n*** End Patch\n` },
});
const place = (path: string) => ({ locations: [{ path }] });

type Case = readonly [call: JsonObject, who: Rules, allowed: boolean, writes?: readonly string[]];
const cases: Readonly<Record<string, Case>> = {
  'a look': [{ kind: 'read', rawInput: { path: '/etc/passwd' } }, reader, true],
  'a look that shows a diff': [{ kind: 'read', ...diff('a.txt') }, reader, false, ['a.txt']],
  'a thought with a patch': [{ kind: 'think', ...patch('Add File: a.txt') }, task, false, ['a.txt']],
  'an edit in the tree': [{ kind: 'edit', ...diff('/tree/a.txt') }, open, true, ['a.txt']],
  'an edit by a reader': [{ kind: 'edit', ...diff('/tree/a.txt') }, reader, false, ['a.txt']],
  'an edit by a reader in a sandbox': [{ kind: 'edit', ...place('a.txt') }, isolated, false, ['a.txt']],
  'an edit of the task': [{ kind: 'edit', ...place('/tree/src/a.txt') }, task, true, ['src/a.txt']],
  'an edit beside the task': [{ kind: 'edit', ...place('a.txt') }, task, false, ['a.txt']],
  'one of two edits beside it': [
    { kind: 'edit', locations: [{ path: 'src/a' }, { path: 'b' }] },
    task,
    false,
    ['src/a', 'b'],
  ],
  'an edit outside': [{ kind: 'edit', ...place('/etc/passwd') }, open, false, ['/etc/passwd']],
  'an edit above': [{ kind: 'edit', ...place('src/../../x') }, open, false, ['/x']],
  'an edit of a folder that begins like the tree': [
    { kind: 'edit', ...place('/tree2/x') },
    open,
    false,
    ['/tree2/x'],
  ],
  'an edit of the tree itself': [{ kind: 'delete', ...place('/tree') }, open, false, ['/tree']],
  'an edit of a file called ..x': [{ kind: 'edit', ...place('..x') }, open, true, ['..x']],
  'an edit of a file called __proto__': [{ kind: 'edit', ...place('__proto__') }, open, true, ['__proto__']],
  'an edit of nothing': [{ kind: 'edit' }, open, false],
  'an edit whose path is no text': [{ kind: 'edit', locations: [{ path: 7 }, null] }, open, false],
  'a move out of the task': [
    { kind: 'move', rawInput: { path: 'src/a', destination: 'b' } },
    task,
    false,
    ['src/a', 'b'],
  ],
  'a patch of two files': [
    { kind: 'other', ...patch('Update File: src/a\n*** Move to: b') },
    task,
    false,
    ['src/a', 'b'],
  ],
  'a tool of which nobody knows what it does': [{ kind: 'other', title: 'deploy' }, open, true],
  'the same by a reader': [{ title: 'deploy' }, reader, false],
  'one that names a file beside the task': [
    { kind: 'other', rawInput: { files: [{ filePath: 'b' }] } },
    task,
    false,
    ['b'],
  ],
  'changes by their paths': [
    { kind: 'edit', rawInput: { changes: { '/tree/b': { type: 'add' } } } },
    task,
    false,
    ['b'],
  ],
  'a command': [{ kind: 'execute', rawInput: { command: 'make' } }, open, true],
  'a command by a reader': [{ kind: 'execute', rawInput: { command: 'make' } }, reader, false],
  'a command by a reader in a sandbox': [{ kind: 'execute', ...place('a') }, isolated, true],
  'another mode': [{ kind: 'switch_mode' }, open, true],
  'another mode for a reader': [{ kind: 'switch_mode' }, reader, false],
  'a kind that is no text': [{ kind: ['read'] }, reader, false],
};

describe('a request for permission', () => {
  it.each(Object.entries(cases))(
    'for %s is judged by the rules of the step',
    (_, [call, who, allowed, writes = []]) => {
      expect(judge(call, who)).toEqual({ isAllowed: allowed, writes });
    },
  );

  it('is judged by where a path leads, too', () => {
    const realPath = (path: string) => path.replace('/tree/src/link', '/etc');
    const call = { kind: 'edit', ...place('src/link/passwd') };
    expect(judge(call, { ...task, realPath }).isAllowed).toBe(false);
    const out = { kind: 'delete', ...place('b') };
    expect(judge(out, { ...task, realPath: () => '/tree/src/b' }).isAllowed).toBe(false);
  });

  it('costs little however deep or long its input is', () => {
    const deep = JSON.parse(`${'{"path":'.repeat(5000)}"b"${'}'.repeat(5000)}`);
    expect(judge({ kind: 'other', rawInput: deep }, task).isAllowed).toBe(true);
    const files = Array.from({ length: 20_000 }, (_, index) => ({ path: `src/${index}` }));
    expect(judge({ kind: 'edit', rawInput: { files } }, task).isAllowed).toBe(true);
  });
});

describe('the answer', () => {
  const option = (kind: string) => ({ optionId: `the ${kind}`, kind, name: kind });
  const all = ['allow_always', 'allow_once', 'reject_always', 'reject_once'].map(option);
  it.each([
    [all, true, true, 'the allow_once'],
    [all, false, true, 'the reject_once'],
    [[option('allow_always')], true, false, 'the allow_always'],
    [[option('allow_always')], true, true, null],
    [[option('reject_always')], false, true, 'the reject_always'],
    [[option('allow_once')], false, true, null],
    [[{ kind: 'allow_once' }], true, true, null],
    ['none', true, true, null],
    [[null, 7], false, true, null],
  ])('to %j, allowed: %s, bounded: %s, is %s', (options, isAllowed, isBounded, id) => {
    expect(optionFor(options, { isAllowed, isBounded })).toBe(id);
  });
});
