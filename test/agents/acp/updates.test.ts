import { describe, expect, it } from 'vitest';
import { readUpdates } from '../../../src/agents/acp-updates.ts';

const say = (text: string) => ({ sessionUpdate: 'agent_message_chunk', content: { type: 'text', text } });
const call = (more: object) => ({ sessionUpdate: 'tool_call_update', toolCallId: '1', ...more });

describe('what an ACP agent tells', () => {
  it('joins the pieces of one text, and the last text is its answer', () => {
    const updates = readUpdates();
    for (const update of [say('I '), say('look.'), call({ kind: 'read' }), say('Do'), say('ne.')])
      updates.read(update);
    expect(updates.told().text).toBe('Done.');
  });

  it('an empty piece behind a call takes nothing away', () => {
    const updates = readUpdates();
    for (const update of [say('Done.'), call({ kind: 'read' }), say('')]) updates.read(update);
    expect(updates.told().text).toBe('Done.');
  });

  it('tells a write once the call that made it is complete, wherever its path was said', () => {
    const updates = readUpdates();
    const told = [
      updates.read({ ...call({ kind: 'edit', title: 'Edit' }), sessionUpdate: 'tool_call' }),
      updates.read(call({ locations: [{ path: 'a.txt' }] })),
      updates.read(call({ status: 'in_progress' })),
      updates.read(call({ status: 'completed' })),
    ];
    expect(told).toEqual([
      [{ type: 'tool', name: 'edit', detail: 'Edit' }],
      [],
      [],
      [{ type: 'write', path: 'a.txt', denied: false }],
    ]);
  });

  it('knows a call that was announced by its request for permission only', () => {
    const updates = readUpdates();
    updates.ask({ toolCallId: '1', kind: 'edit', content: [{ type: 'diff', path: 'a.txt' }] });
    expect(updates.read(call({ status: 'completed' }))).toEqual([
      { type: 'tool', name: 'edit', detail: '' },
      { type: 'write', path: 'a.txt', denied: false },
    ]);
  });

  it('completes a request by what was told of its call before, and an edit stays an edit', () => {
    const updates = readUpdates();
    updates.read(call({ kind: 'edit', locations: [{ path: 'a.txt' }] }));
    expect(updates.ask({ toolCallId: '1', kind: 'read' })).toMatchObject({
      kind: 'edit',
      locations: [{ path: 'a.txt' }],
    });
  });

  it('a call that failed wrote nothing', () => {
    const updates = readUpdates();
    expect(updates.read(call({ kind: 'edit', locations: [{ path: 'a' }], status: 'failed' }))).toHaveLength(
      1,
    );
  });

  it.each([
    [{ stopReason: 'end_turn' }, true],
    [{ stopReason: 'cancelled' }, false],
    [{ stopReason: 'max_tokens' }, false],
    [{}, false],
    [{ stopReason: ['end_turn'] }, false],
  ])('the answer %j is a success: %s', (answer, ok) => {
    const updates = readUpdates();
    updates.read(say('Done.'));
    updates.end(answer);
    expect(updates.told().report?.ok).toBe(ok);
  });

  it('counts the whole prompt as input, whatever each agent means by that word', () => {
    const updates = readUpdates();
    updates.end({
      stopReason: 'end_turn',
      usage: { totalTokens: 62_820, inputTokens: 1800, outputTokens: 420, cachedReadTokens: 47_800 },
    });
    expect(updates.told().tokens).toMatchObject({ input: 62_400, cacheRead: 47_800, output: 420 });
    updates.end({
      usage: { totalTokens: -5, outputTokens: 'many' },
      _meta: { quota: { token_count: { input_tokens: 12, output_tokens: 3 } } },
    });
    expect(updates.told().tokens).toMatchObject({ input: 12, output: 3 });
  });

  it('updates of unknown kinds, out of order, with wrong kinds of values never throw', () => {
    const updates = readUpdates();
    for (const update of [
      {},
      { sessionUpdate: 7 },
      call({ toolCallId: null, content: 'x', rawInput: [] }),
      say('x'),
      { sessionUpdate: 'agent_message_chunk', content: null },
    ])
      expect(() => updates.read(update)).not.toThrow();
    expect(() => updates.end({ usage: null })).not.toThrow();
  });
});

describe('an error that is told as an answer', () => {
  const reportOf = (...pieces: string[]) => {
    const updates = readUpdates();
    for (const piece of pieces) updates.read(say(piece));
    updates.end({ stopReason: 'end_turn' });
    return updates.told().report;
  };

  it.each([
    [
      'Info: Request failed due to a transient API error. Retrying...',
      'Error: Failed to get response from the AI model; retried 5 times',
    ],
    ['', 'Error: Authentication failed with provider at http://127.0.0.1/v1 (HTTP 401).\n  Check it.'],
    [
      '',
      '{"error":{"message":"Your input exceeds the context window","code":"context_length_exceeded"}}\n\n',
    ],
    ['', 'We’re currently experiencing high demand, which may cause temporary errors.\n\n'],
  ])('is a failure: %s%s', (before, error) => {
    expect(reportOf(before, error)).toEqual({ ok: false, error: error.trim() });
  });

  it.each([
    'It says "Error: Failed to get response from the AI model", which I mended.',
    'Error: in line 3 there was a typo; it is mended.',
    '{"pass": false, "error": {"message": "x"}}',
  ])('is none that only speaks of one: %s', (text) => {
    expect(reportOf(text)).toEqual({ ok: true });
  });
});
