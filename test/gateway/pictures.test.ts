import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/gateway/call.ts';
import { weighable } from '../../src/gateway/pictures.ts';

const base64 = 'iVBORw0KGgo'.repeat(100_000);
const address = `data:image/png;base64,${base64}`;
const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } };

function weightOf(asked: JsonObject): number {
  return weighable(Buffer.from(JSON.stringify(asked)), asked).length;
}

describe('a picture in a request', () => {
  it.each<[string, JsonObject]>([
    ['of Anthropic’s', { messages: [{ content: [picture] }] }],
    ['in what a tool answered', { messages: [{ content: [{ type: 'tool_result', content: [picture] }] }] }],
    [
      'of Chat Completions',
      { messages: [{ content: [{ type: 'image_url', image_url: { url: address } }] }] },
    ],
    ['of Responses', { input: [{ content: [{ type: 'input_image', image_url: address }] }] }],
    [
      'in what a function answered',
      { input: [{ type: 'function_call_output', output: [{ type: 'input_image', image_url: address }] }] },
    ],
    ['of Google’s', { contents: [{ parts: [{ inlineData: { mimeType: 'image/png', data: base64 } }] }] }],
    [
      'of Google’s in the other way of writing',
      { contents: [{ parts: [{ inline_data: { mime_type: 'image/jpeg', data: base64 } }] }] },
    ],
  ])('%s is weighed as what a picture can cost, however long its text is', (_, asked) => {
    expect(weightOf(asked)).toBeLessThan(27_000);
  });

  it.each<[string, JsonObject]>([
    ['as text', { messages: [{ content: [{ type: 'text', text: address }] }] }],
    ['in the input of a tool', { messages: [{ content: [{ type: 'tool_use', input: picture }] }] }],
    ['in the description of a tool', { tools: [{ description: base64, ...picture }] }],
    ['as a document', { messages: [{ content: [{ ...picture, type: 'document' }] }] }],
    [
      'as something else than a picture',
      { messages: [{ content: [{ ...picture, source: { media_type: 'text/plain', data: base64 } }] }] },
    ],
  ])('%s is weighed as the text that it is', (_, asked) => {
    expect(weightOf(asked)).toBeGreaterThan(1_000_000);
  });

  it('changes nothing of a request without one', () => {
    const body = Buffer.from('{"messages": [{"content": [{"type": "text", "text": "ä"}]}]}');
    expect(weighable(body, JSON.parse(body.toString()))).toBe(body);
  });
});
