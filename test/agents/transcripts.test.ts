import { describe, expect, it } from 'vitest';
import { isUnknownSession } from '../../src/agents/cli-end.ts';
import { clis } from '../../src/agents/clis.ts';
import { recorded, replay, scenariosOf } from './transcripts.ts';

/** Scenarios that end well with every CLI; all others end badly, but for the exceptions. */
const good =
  /^(context|deny|edits|err-rate-once|fault-once|killed-resume|nogit|outside|parallel|plan|refusal|resume|resume-elsewhere|schema|stdin|stdin-big|stdin-open|text|tool-error|toolenv|write)(-codemode|-partial|-unknownmodel|-v[\d.]+)?(\.1)?$/;

/** Where a CLI differs, and why. */
const exceptions: Readonly<Record<string, Readonly<Record<string, boolean>>>> = {
  claude: {
    'fault-event': true, // it asks again without streaming
    'fault-truncate': true,
    'fault-malformed': true, // it skips the broken event
    'killed-resume.1': false,
  },
  codex: {
    'fault-malformed': true,
    nogit: false, // recorded without the flag that we give
    'stdin-open': false, // it waits for the end of its input for ever
    'killed-resume.1': false,
  },
  gemini: { maxtokens: true, 'resume-elsewhere': false, 'killed-resume.1': false },
  qwen: {
    maxtokens: true,
    'resume-elsewhere': false,
    'killed-resume.1': false,
  },
  opencode: {
    deny: false, // a rejected permission ends the run, with exit code 0
    outside: false,
    'resume-elsewhere': false,
    'stdin-open': false,
    'killed-resume.1': false,
  },
  copilot: {
    maxtokens: true,
    'stdin-big': false, // the recording lacks the long lines
    'killed-resume.1': false,
  },
  pi: {
    'fault-truncate': true, // it takes what came for the whole answer
    refusal: false,
    'resume-elsewhere': false, // it asks, and ends with exit code 0 when nobody answers
    'stdin-open': false,
    'stdin-big': false, // the recording lacks the long lines
    'killed-resume.1': false,
  },
};

/** Cursor's program cannot be had here, so there are no recordings of it. */
const recordedClis = clis.filter(({ family }) => family !== 'cursor');

describe.each(recordedClis.map((cli) => [cli.family, cli] as const))('recorded runs of %s', (family, cli) => {
  const runs = scenariosOf(family).map((scenario) => [scenario, recorded(family, scenario)] as const);

  it.each(runs)('%s: the verdict is what really happened, whatever the exit code says', (scenario, run) => {
    const expected = exceptions[family]?.[scenario] ?? good.test(scenario);
    const { why } = replay(cli, run);
    expect(why === null, why ?? 'it counts as a success').toBe(expected);
    expect(why).not.toBe('');
  });

  it.each(runs)('%s: session and written files are what was found in it', (scenario, run) => {
    const { told, happened } = replay(cli, run);
    if (told.sessionId !== null) expect(told.sessionId).toBe(run.read.session);
    const written = happened.flatMap((one) => (one.type === 'write' && !one.denied ? [one.path] : []));
    expect(written, scenario).toEqual(run.read.files ?? []);
  });

  it('the whole of a plain run is read: turns, tools, last words, tokens', () => {
    const run = recorded(family, 'write');
    const { told, happened } = replay(cli, run);
    expect(told.text).toBe('Finished: hello.txt is written.');
    expect(happened.filter(({ type }) => type === 'tool').length).toBeGreaterThanOrEqual(2);
    if (told.turns !== null) expect(told.turns).toBe(run.calls);
    // Copilot tells no tokens at all; they are the gateway's.
    if (family !== 'copilot')
      expect(told.tokens).toMatchObject({ input: 62_400, cacheRead: 47_800, output: 420 });
    expect(told.report).toEqual({ ok: true });
  });

  it('a session that is not there (any more) is told apart from other failures', () => {
    for (const [scenario, run] of runs) {
      const { told } = replay(cli, run);
      const isGone =
        scenario === 'resume-unknown' ||
        (scenario === 'resume-elsewhere' && run.signal === null && (run.exitCode !== 0 || family === 'pi'));
      expect(isUnknownSession(told, run), scenario).toBe(isGone);
    }
  });

  it.each([1, 0.5, 0.9])(
    'a stream of which only a part (%d) arrived, without its end, is no success',
    (part) => {
      const run = recorded(family, 'write');
      const lines = run.lines.filter((line) => line !== '');
      const cut = lines.slice(0, Math.floor((lines.length - 1) * part));
      const last = lines[cut.length] ?? '';
      for (const exitCode of [0, 1]) {
        const broken = { ...run, exitCode, lines: [...cut, last.slice(0, last.length / 2)] };
        expect(replay(cli, broken).why).not.toBeNull();
        expect(replay(cli, { ...run, exitCode, lines: cut }).why).not.toBeNull();
      }
    },
  );

  it('lines of unknown types, out of order, twice, with wrong kinds of values never throw', () => {
    const lines = recorded(family, 'write').lines.filter((line) => line !== '');
    const strange = [
      '{}',
      '{"type":7}',
      '{"type":"result"}',
      '{"type":"x","message":null}',
      '{"type":"assistant"}',
    ];
    const spoilt = lines.map((line) => line.replaceAll(/"[^"]*":\{/g, '"other":{'));
    for (const some of [lines.toReversed(), [...lines, ...lines], strange, spoilt, [...strange, ...lines]]) {
      expect(() => replay(cli, { ...recorded(family, 'write'), lines: some })).not.toThrow();
    }
  });

  it('a line that is no JSON makes it a failure that says so', () => {
    const run = recorded(family, 'write');
    const { why } = replay(cli, { ...run, lines: ['Warning: something', ...run.lines] });
    expect(why).toContain('not JSON: Warning: something');
  });
});
