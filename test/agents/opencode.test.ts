import { describe, expect, it } from 'vitest';
import { opencode } from '../../src/agents/opencode.ts';

const patch = `*** Begin Patch
*** Add File: made/new.txt
+*** Add File: not/this.txt
*** Update File: kept.txt
*** Move to: moved.txt
@@
-old
+new
*** Delete File: gone.txt
*** End Patch`;

/** No recorded model of OpenAI's has written through it; the line is that of a recorded `write` with the tool's own input. */
function called(state: object) {
  return opencode.reader().read({
    type: 'tool_use',
    sessionID: 'ses_1',
    part: {
      type: 'tool',
      tool: 'apply_patch',
      callID: 'c1',
      state: { input: { patchText: patch }, ...state },
    },
  });
}
const paths = ['made/new.txt', 'kept.txt', 'moved.txt', 'gone.txt'];
const tool = { type: 'tool', name: 'apply_patch', detail: 'made/new.txt' };

describe('a patch that OpenCode applies', () => {
  it('writes every file that it names, in both places where one moves', () => {
    const writes = paths.map((path) => ({ type: 'write', path, denied: false }));
    expect(called({ status: 'completed' })).toEqual([tool, ...writes]);
  });

  it('was tried where it was not allowed', () => {
    const error = 'The user rejected permission to use this specific tool call.';
    const writes = paths.map((path) => ({ type: 'write', path, denied: true }));
    expect(called({ status: 'error', error })).toEqual([tool, ...writes]);
  });

  it('writes nothing where it does not fit', () => {
    expect(called({ status: 'error', error: 'apply_patch verification failed: no hunks found' })).toEqual([
      tool,
    ]);
  });
});
