import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { decodeLedger, encodeEvent } from '../../src/events/codec.ts';
import type { Event } from '../../src/events/event.ts';
import { notices, record } from './record.ts';

const text = (events: readonly Event[]) => events.map((event) => `${encodeEvent(event)}\n`).join('');

describe('one event is one line', () => {
  test('the head comes first, in the order v, seq, ts, type, step', () => {
    const [event] = record([
      { message: 'hello', step: 'quality', type: 'notice' } as {
        type: 'notice';
        message: string;
        step: string;
      },
    ]);
    if (!event) throw new Error('no event');
    expect(encodeEvent(event)).toBe(
      '{"v":1,"seq":1,"ts":"2026-11-23T12:00:00.000Z","type":"notice","step":"quality","message":"hello"}',
    );
  });

  test('any message comes back as it was, and never makes a second line', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'binary' })), (messages) => {
        const events = record(messages.map((message) => ({ type: 'notice', message })));
        const written = text(events);
        expect(written.split('\n')).toHaveLength(events.length + 1);
        expect(decodeLedger(written)).toEqual({ events, dropped: null, error: null });
      }),
    );
  });

  test('an empty ledger holds nothing and is whole', () => {
    expect(decodeLedger('')).toEqual({ events: [], dropped: null, error: null });
  });
});

describe('what a crash leaves', () => {
  test('a ledger cut at any character keeps every whole line and tells the torn one', () => {
    const events = notices(3);
    const whole = text(events);
    for (let length = 0; length <= whole.length; length++) {
      const cut = whole.slice(0, length);
      const lines = cut.split('\n').length - 1;
      const decoded = decodeLedger(cut);
      expect(decoded.error).toBeNull();
      expect(decoded.events).toEqual(events.slice(0, lines));
      expect(decoded.dropped).toBe(
        cut.endsWith('\n') || cut === '' ? null : cut.slice(cut.lastIndexOf('\n') + 1),
      );
    }
  });

  test('a last line with its ending that is no JSON is dropped and told', () => {
    const decoded = decodeLedger(`${text(notices(2))}{"v":1,"se\n`);
    expect(decoded).toEqual({ events: notices(2), dropped: '{"v":1,"se', error: null });
  });
});

describe('what no crash explains is an error with its line', () => {
  const good = notices(3).map(encodeEvent);
  const cases: readonly [string, readonly string[], number, RegExp][] = [
    ['a broken line in the middle', [good[0] ?? '', '{"v":1,', good[2] ?? ''], 2, /no JSON/],
    ['an empty line in the middle', [good[0] ?? '', '', good[1] ?? ''], 2, /no JSON/],
    ['a hole in seq', [good[0] ?? '', good[2] ?? ''], 2, /seq is 3, expected 2/],
    ['a seq that stands twice', [good[0] ?? '', good[0] ?? ''], 2, /seq is 1, expected 2/],
    ['an unknown version', [(good[0] ?? '').replace('"v":1', '"v":2')], 1, /version is 2/],
    ['a list', ['[]'], 1, /no event/],
    ['an event without time', ['{"v":1,"seq":1,"type":"notice"}'], 1, /no ts/],
    [
      'a known type without a field that folds rely on',
      ['{"v":1,"seq":1,"ts":"","type":"step_completed","step":"a"}'],
      1,
      /needs attempt \(number\)/,
    ],
  ];
  test.each(cases)('%s', (_, lines, line, message) => {
    const { error, events } = decodeLedger(lines.map((one) => `${one}\n`).join(''));
    expect(error?.line).toBe(line);
    expect(error?.message).toMatch(message);
    expect(events).toHaveLength(line - 1);
  });
});

test('an event of an unknown type is kept, for ledgers of later versions', () => {
  const line = '{"v":1,"seq":1,"ts":"2026-11-23T12:00:00.000Z","type":"moon_landed","crater":"Tycho"}';
  const { events, error } = decodeLedger(`${line}\n`);
  expect(error).toBeNull();
  expect(events.map((event) => JSON.stringify(event))).toEqual([line]);
});
