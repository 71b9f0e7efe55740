import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/process/redact.ts';

const secret = fc
  .string({ unit: 'grapheme', minLength: 6, maxLength: 60 })
  .filter((text) => text.trim().length >= 6 && !text.includes('*'));
const text = fc.string({ unit: 'grapheme', maxLength: 80 });

describe('redaction', () => {
  it('lets no secret through, as it is or encoded, wherever it stands', () => {
    fc.assert(
      fc.property(secret, text, text, (hidden, before, behind) => {
        const redact = createRedactor([hidden]);
        const core = hidden.trim();
        const forms = [core, encodeURIComponent(core), JSON.stringify(core).slice(1, -1)];
        for (const form of forms) expect(redact(`${before}${form}${behind}`).includes(form)).toBe(false);
      }),
    );
  });

  it('lets no secret through in Base64, whatever stands in front of it or behind', () => {
    fc.assert(
      fc.property(
        secret,
        fc.uint8Array({ maxLength: 9 }),
        fc.uint8Array({ maxLength: 9 }),
        (hidden, before, behind) => {
          const bytes = Buffer.concat([before, Buffer.from(hidden.trim()), behind]);
          for (const encoding of ['base64', 'base64url'] as const) {
            const masked = createRedactor([hidden])(bytes.toString(encoding));
            expect(masked).toContain('***');
            // What is left decodes to less than the secret: only edges that it shares with its neighbours.
            for (const part of masked.split('***')) {
              expect(Buffer.from(part, encoding).includes(Buffer.from(hidden.trim()))).toBe(false);
            }
          }
        },
      ),
    );
  });

  it('masks both of two secrets that overlap', () => {
    const redact = createRedactor(['secret-abcdef', 'abcdef-secret']);
    expect(redact('x secret-abcdef-secret y')).toBe('x *** y');
  });

  it('masks the credential of an authorization header', () => {
    const redact = createRedactor(['ghs_0123456789abcdef']);
    const header = `Authorization: Basic ${Buffer.from('x-access-token:ghs_0123456789abcdef').toString('base64')}`;
    const masked = redact(header);
    expect(masked).toContain('***');
    expect(Buffer.from(masked.split(' ').at(-1) ?? '', 'base64').toString()).not.toContain('0123456789');
  });

  it('masks each line of a key', () => {
    const key = `-----BEGIN PRIVATE KEY-----\n${'A'.repeat(40)}\n${'B'.repeat(40)}\n-----END PRIVATE KEY-----\n`;
    const redact = createRedactor([key]);
    expect(redact(`  ${'B'.repeat(40)}`)).toBe('  ***');
    expect(redact(JSON.stringify({ key }))).not.toContain('AAAA');
  });

  it('masks only secrets of the length that is asked for', () => {
    const redact = createRedactor(['decompose', 'ghs_0123456789abcdef']);
    expect(redact('decompose ghs_0123456789abcdef')).toBe('*** ***');
    expect(redact('decompose ghs_0123456789abcdef', 16)).toBe('decompose ***');
    const encoded = Buffer.from('decompose-it').toString('base64url');
    expect(createRedactor(['decompose-it'])(`x ${encoded}`, 16)).toBe(`x ${encoded}`);
  });

  it('leaves everything else alone', () => {
    fc.assert(
      fc.property(text, (any) => {
        expect(createRedactor(['ab', 'short', '', '      '])(any)).toBe(any);
        expect(createRedactor(['ZZZ-not-in-there-ZZZ'])(any)).toBe(any);
      }),
    );
  });
});
