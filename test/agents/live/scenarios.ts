/** What every agent CLI has to go through, and what must be true afterwards. */
import type { LiveCli } from './catalog.ts';
import { type LiveOrder, type LiveResult, of } from './run.ts';

export interface Scenario {
  /** For the table. */
  readonly title: string;
  readonly order: (cli: LiveCli) => Omit<LiveOrder, 'cli'>;
  /** Why it is not as it must be; null where it is. */
  readonly check: (result: LiveResult, cli: LiveCli) => Promise<string | null> | string | null;
}

const write = { do: 'write', path: 'hello.txt', content: 'hello\n' };
const writing = { text: 'I will write the file.', tools: [write], usage: { input: 12_000, output: 180 } };
const done = { text: 'Done.', usage: { input: 12_900, output: 40 } };
const shell = (count: number) => ({
  text: `Step ${count}.`,
  tools: [{ do: 'shell', command: `echo ${count}` }],
  usage: { input: 2000, output: 20 },
});

const code = (more = '') =>
  `  - name: impl\n    type: code\n    prompt: "Write hello.txt. {spec}"\n    agent: AGENT\n${more}`;

/** A structured answer, in the way in which the CLI lets its model give one. */
function answer({ family, resultTool }: LiveCli, value: object) {
  const usage = { input: 3000, output: 100 };
  const isList = Array.isArray(value);
  const wrapped = isList ? { tasks: value } : value;
  if (resultTool !== null) return { tools: [{ name: resultTool, input: wrapped }], usage };
  return { text: JSON.stringify(family === 'codex' ? wrapped : value), usage };
}

/** The shortest that says whether a CLI works at all: one step writes, one that must not write tries to. */
export const shortest: Scenario = {
  title: 'writes in a step that may, and not in one that may not',
  order: (cli) => ({
    steps: `${code()}  - name: judge\n    type: validate\n    prompt: "Judge: {spec}"\n    agent: AGENT\n`,
    script: {
      turns: [
        ...[writing, done],
        { ...writing, tools: [{ ...write, path: 'other.txt' }] },
        answer(cli, { pass: true, comments: '', findings: [] }),
      ],
    },
  }),
  check({ exitCode, hello, files, survivors, output }) {
    if (exitCode !== 0) return `exit code ${exitCode}: ${tail(output)}`;
    if (hello !== 'hello\n') return 'hello.txt is not in the result';
    if (files.includes('other.txt')) return 'the step that may not write has written';
    return survivors.length === 0 ? null : `left: ${survivors.join('; ')}`;
  },
};

export const scenarios: readonly Scenario[] = [
  {
    title: 'a step that writes a file',
    order: () => ({ steps: code(), script: { turns: [writing, done] } }),
    check({ exitCode, hello, events, calls, output }) {
      if (exitCode !== 0) return `exit code ${exitCode}: ${tail(output)}`;
      if (hello !== 'hello\n') return 'hello.txt is not in the result';
      const [end] = of(events, 'agent_completed');
      const asked = calls.filter((call) => call.status === 200);
      if (end?.turns === 0) return 'no turns were counted';
      if (!end?.session_id) return 'no session id was read';
      const sum = calls.some((call) => call.side) ? null : 24_900;
      if (sum !== null && end.tokens_in !== sum)
        return `${end.tokens_in} tokens of input were booked, not ${sum}`;
      return asked.length < 2 ? `${asked.length} calls of the model` : null;
    },
  },
  {
    title: 'a resumed session',
    order: () => ({
      steps: `${code()}  - name: again\n    type: code\n    prompt: "And again."\n    session: {from: impl}\n    agent: AGENT\n`,
      script: { turns: [writing, done, { text: 'Again.', usage: { input: 500, output: 5 } }] },
    }),
    check({ exitCode, events, calls, output }) {
      if (exitCode !== 0) return `exit code ${exitCode}: ${tail(output)}`;
      const [first, second] = of(events, 'agent_completed');
      if (first?.session_id !== second?.session_id) return 'the session ids differ';
      const main = calls.filter((call) => !call.side);
      const grown = (main.at(-1)?.messages ?? 0) > (main[0]?.messages ?? 0);
      return grown ? null : 'the second prompt came without the first conversation';
    },
  },
  {
    title: 'a split with structured tasks',
    order: (cli) => ({
      steps:
        '  - name: plan\n    type: split\n    prompt: "Plan: {spec}"\n    agent: AGENT\n    gate: [schema]\n    each:\n      - name: look\n        gate:\n          - bash: "true"\n',
      script: { turns: [answer(cli, [{ name: 'one', description: 'write it', files: ['hello.txt'] }])] },
    }),
    check({ exitCode, events, output }) {
      if (exitCode !== 0) return `exit code ${exitCode}: ${tail(output)}`;
      const tasks = of(events, 'state_updated')[0]?.tasks?.map(({ name }) => name);
      return tasks?.join() === 'one' ? null : `the tasks are ${tasks?.join()}`;
    },
  },
  {
    title: 'a validate verdict',
    order: (cli) => ({
      steps: '  - name: judge\n    type: validate\n    prompt: "Judge: {spec}"\n    agent: AGENT\n',
      script: {
        turns: [
          answer(cli, {
            pass: false,
            comments: 'a remark',
            findings: [{ path: 'README.md', line: 1, end_line: null, severity: null, body: 'here' }],
          }),
        ],
      },
    }),
    check({ exitCode, events, output }) {
      const verdict = of(events, 'state_updated')[0]?.verdict;
      if (verdict?.comments !== 'a remark' || verdict.pass)
        return `the verdict is ${JSON.stringify(verdict)}: ${tail(output)}`;
      if (verdict.findings.length !== 1) return 'its finding is lost';
      return exitCode === 1 ? null : `exit code ${exitCode} behind a verdict that says no`;
    },
  },
  {
    title: '`max_turns`',
    order: () => ({
      steps: code('    guard: {max_turns: 2}\n'),
      script: { turns: [1, 2, 3, 4, 5, 6].map(shell) },
    }),
    check: (result) => guarded(result, 'max_turns'),
  },
  {
    title: '`max_budget`: the call that cannot be paid is not made',
    order: () => ({ steps: code('    guard: {max_budget: 0.02}\n'), script: { turns: [shell(1), done] } }),
    check(result) {
      const asked = result.calls.filter((call) => call.status === 200);
      if (asked.length > 0) return `${asked.length} calls were made`;
      return guarded(result, 'max_budget');
    },
  },
  {
    title: '`max_time`',
    order: () => ({
      steps: code('    guard: {max_time: 8s}\n'),
      script: { turns: [{ ...done, delayMs: 120_000 }] },
    }),
    check: (result) => guarded(result, 'max_time'),
  },
  {
    title: 'killed in mid-turn: no process is left',
    order: () => ({
      steps: code(),
      script: { turns: [{ text: 'Long.', tools: [{ do: 'shell', command: 'tail -f README.md' }] }, done] },
      stop: { signal: 'SIGTERM', afterCalls: 1 },
    }),
    check({ exitCode, survivors, events }) {
      if (survivors.length > 0) return `left: ${survivors.join('; ')}`;
      if (of(events, 'run_interrupted').length !== 1) return 'the ledger does not say that it was stopped';
      return exitCode === 143 ? null : `exit code ${exitCode}`;
    },
  },
  {
    title: 'a wrong key (401): ends at once and says so',
    order: () => ({
      steps: code('    guard: {max_time: 60s}\n'),
      script: { turns: [{ error: 'auth', times: -1 }] },
    }),
    check(result) {
      if (result.seconds > 45) return `it took ${Math.round(result.seconds)} s`;
      return failedBecause(result, /key|401|400/i);
    },
  },
  {
    title: 'overload (429 / 529) once, then an answer',
    order: () => ({
      steps: code('    guard: {max_time: 100s}\n'),
      script: { turns: [{ error: 'overloaded', retryAfter: 1 }, writing, done] },
    }),
    check({ exitCode, hello, output }) {
      if (exitCode !== 0) return `exit code ${exitCode}: ${tail(output)}`;
      return hello === 'hello\n' ? null : 'hello.txt is not in the result';
    },
  },
  {
    title: 'overload for ever: ended, explained',
    order: () => ({
      steps: code('    guard: {max_time: 12s}\n'),
      script: { turns: [{ error: 'rate_limit', retryAfter: 1, times: -1 }] },
    }),
    check: (result) => failedBecause(result, /./),
  },
  {
    title: 'a server error (500): ended, explained',
    order: () => ({
      steps: code('    guard: {max_time: 12s}\n'),
      script: { turns: [{ error: 'server', times: -1 }] },
    }),
    check: (result) => failedBecause(result, /./),
  },
  {
    title: 'a cut stream: no success',
    order: () => ({
      steps: code('    guard: {max_time: 12s}\n'),
      script: { turns: [{ text: 'x '.repeat(200), fault: 'reset', times: -1 }] },
    }),
    check: (result) => failedBecause(result, /./),
  },
  {
    title: 'a prompt of 1 MB',
    order: () => ({
      steps: '  - name: impl\n    type: code\n    prompt: {file: prompt.md}\n    agent: AGENT\n',
      promptFile: `Write hello.txt. ${'All of this is context. '.repeat(42_000)}`,
      script: { turns: [done] },
    }),
    check({ exitCode, output, calls }) {
      if (exitCode !== 0) return `exit code ${exitCode}: ${tail(output)}`;
      return calls.length > 0 ? null : 'no call was made';
    },
  },
  {
    title: 'a read-only step that tries to write: nothing is written',
    order: (cli) => ({
      steps: '  - name: judge\n    type: validate\n    prompt: "Judge: {spec}"\n    agent: AGENT\n',
      script: { turns: [writing, answer(cli, { pass: true, comments: '', findings: [] })] },
    }),
    check({ hello, events, output, exitCode, calls }) {
      if (hello !== null) return 'hello.txt is in the result';
      const [end] = of(events, 'agent_completed');
      if (!end) return `there is no end: ${tail(output)}`;
      if (end.files.length > 0) return 'the attempt has files';
      if (calls.filter(({ side }) => !side).length < 2) return 'it ended before it was answered';
      return exitCode === 0 ? null : `exit code ${exitCode} though its verdict says yes: ${tail(output)}`;
    },
  },
];

function guarded({ events, exitCode, survivors, output }: LiveResult, guard: string): string | null {
  const found = of(events, 'guard_triggered').map((event) => event.guard);
  if (found.join() !== guard) return `guards: ${found.join() || 'none'}; ${tail(output)}`;
  if (survivors.length > 0) return `left: ${survivors.join('; ')}`;
  return exitCode === 1 ? null : `exit code ${exitCode}`;
}

function failedBecause({ events, exitCode, output }: LiveResult, why: RegExp): string | null {
  if (exitCode !== 1) return `exit code ${exitCode}: ${tail(output)}`;
  const reason = of(events, 'step_completed').at(-1)?.reason ?? '';
  return why.test(reason) ? null : `its reason is "${reason}"`;
}

function tail(output: string): string {
  return output.trim().split('\n').slice(-4).join(' | ').slice(-400);
}
