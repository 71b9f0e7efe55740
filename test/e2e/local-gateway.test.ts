/** Real processes through the gateway: a command of somebody's own and the adapter of Claude Code, with a planted key. */
import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from '../cli/command.ts';
import { eventsOf, ofType, runsIn } from '../cli/ledger.ts';
import { makeProject } from '../cli/project.ts';
import { type Service, sendEvents, sendJson, startService } from '../gateway/upstream.fixture.ts';
import { probe, whySkipped } from '../process/bubblewrap.ts';

/** Has characters that look otherwise in an address and in base64. */
const key = 'planted+key/of&the=gateway%which?nobody sees';

/** Every form in which it might lie about: base64 depends on where in a text it begins. */
const forms: readonly string[] = [
  ...[key, encodeURIComponent(key), encodeURI(key), Buffer.from(key).toString('hex')],
  ...[0, 1, 2].flatMap((shift) => {
    const whole = Buffer.from('x'.repeat(shift) + key);
    const inner = (text: string) => text.slice(shift === 0 ? 0 : 4, -4);
    return [inner(whole.toString('base64')), inner(whole.toString('base64url'))];
  }),
];

test('whatever hides the key in one of these ways is found by the search', () => {
  for (const before of ['', 'a', 'ab', 'key=', 'Bearer ']) {
    const bytes = Buffer.from(`${before}${key} and more`);
    const hidden = [bytes.toString(), encodeURIComponent(bytes.toString())];
    for (const text of [
      ...hidden,
      ...(['base64', 'base64url', 'hex'] as const).map((how) => bytes.toString(how)),
    ])
      expect(forms.some((form) => text.includes(form))).toBe(true);
  }
});

/** What both programs do: write down all that they can see of processes and variables, and call a model so many times. */
const shared = `
const fs = require('node:fs');
const see = (name) => fs.readdirSync('/proc').filter((pid) => /^\\d+$/.test(pid)).map((pid) => {
  try { return fs.readFileSync('/proc/' + pid + '/' + name, 'utf8'); } catch { return ''; }
}).join('\\n');
const name = (process.env.GUMP_STEP || 'claude').replace(/\\W/g, '-');
fs.writeFileSync('seen-' + name + '.txt', [see('environ'), see('cmdline'), JSON.stringify(process.env)].join('\\n').replaceAll('\\0', '\\n'));
const call = async (url, headers, body) => {
  const answer = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  const text = await answer.text();
  if (answer.ok) return text;
  console.error('refused ' + answer.status + ': ' + text);
  process.exit(7);
};
`;
const toy = `#!/usr/bin/env node
${shared}
(async () => {
  for (let left = Number(process.argv[2]); left > 0; left--) {
    await call(process.env.OPENAI_BASE_URL + '/chat/completions', { authorization: 'Bearer ' + process.env.OPENAI_API_KEY },
      { model: 'toy-model', max_tokens: 1000, stream: true, messages: [] });
  }
  console.log('made');
})();
`;
const claude = `#!/usr/bin/env node
${shared}
const say = (event) => console.log(JSON.stringify(event));
(async () => {
  say({ type: 'system', subtype: 'init', session_id: 'b7c7f5d2-0000-4000-8000-000000000000' });
  await call(process.env.ANTHROPIC_BASE_URL + '/v1/messages', { 'x-api-key': process.env.ANTHROPIC_API_KEY },
    { model: 'claude-sonnet-5-5', max_tokens: 100, messages: [] });
  say({ type: 'result', subtype: 'success', is_error: false, result: 'made', num_turns: 1,
    usage: { input_tokens: 10, output_tokens: 5, cache_read_input_tokens: 0, cache_creation_input_tokens: 0 } });
})();
`;

const step = (name: string, agent: string) => `
  - {name: ${name}, type: code, prompt: "Make {spec}", agent: ${agent}}`;
const workflows = {
  both: `name: both\nsteps:${step('one', 'toy-2')}${step('two', 'claude-sonnet')}\n`,
  guarded: `name: guarded
steps:
  - name: one
    type: code
    prompt: "Make {spec}"
    agent: toy-many
    guard: {max_budget: 5}
`,
  shared: `name: shared
max_budget: 9
steps:
  - name: side
    parallel: true
    steps:${step('one', 'toy-many').replaceAll('\n', '\n    ')}${step('two', 'toy-many').replaceAll('\n', '\n    ')}
`,
  alone: `name: alone\nmax_budget: 9\nsteps:${step('one', 'claude-sonnet')}\n`,
  unpriced: `name: unpriced\nmax_budget: 9\nsteps:${step('one', 'unpriced')}\n`,
};

let desk: Desk;
let bin: string;
let number = 0;
const services: Service[] = [];
beforeAll(async () => {
  desk = await openDesk();
  bin = join(desk.dir, 'bin');
  await mkdir(bin);
  await writeFile(join(bin, 'toy'), toy, { mode: 0o755 });
  await writeFile(join(bin, 'claude'), claude, { mode: 0o755 });
});
afterEach(async () => {
  for (const service of services.splice(0)) await service.close();
});
afterAll(() => desk.remove());

/** A call of the toy costs $2, $1 for what it asks and $1 for what it gets. */
async function town() {
  const service = await startService((answer, { url }) => {
    if (url.startsWith('/v1/messages'))
      return sendJson(answer, { type: 'message', usage: { input_tokens: 10, output_tokens: 5 } });
    sendEvents(answer, [
      { choices: [] },
      { choices: [], usage: { prompt_tokens: 1000, completion_tokens: 1000 } },
    ]);
  });
  services.push(service);
  await mkdir(join(desk.home, '.gump'), { recursive: true });
  const table = (name: string, price: string) =>
    `[gateway.${name}]\nurl = "${service.url}/v1"\napi = "openai-chat"\nkey_env = "OUR_DOOR"\n${price}\n`;
  const agent = (name: string, calls: number, upstream: string) =>
    `[agents.${name}]\ncommand = ["toy", "${calls}"]\nupstream = "${upstream}"\n`;
  const own = table('company', 'price_in = 1000\nprice_out = 1000') + table('mystery', '');
  const agents =
    agent('toy-2', 2, 'company') + agent('toy-many', 50, 'company') + agent('unpriced', 1, 'mystery');
  await writeFile(join(desk.home, '.gump/config.toml'), own + agents);
  const files = Object.fromEntries(
    Object.entries(workflows).map(([name, text]) => [`.gump/workflows/${name}.yaml`, text]),
  );
  const dir = await makeProject(desk, {
    name: `p${++number}`,
    files: { ...files, 'spec.md': '# Something\n' },
  });
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    OUR_DOOR: key,
    ANTHROPIC_API_KEY: key,
    ANTHROPIC_BASE_URL: service.url,
  };
  const run = (workflow: string) => desk.gump(['run', workflow, '--spec', 'spec.md'], { cwd: dir, env });
  return { service, dir, run };
}

/** Files below a folder that hold one of the forms, and how many files were looked at. */
function findKey(folder: string): { readonly found: readonly string[]; readonly count: number } {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  const paths = files.map(({ parentPath, name }) => join(parentPath, name));
  const found = paths.filter((path) => {
    const text = readFileSync(path, 'latin1');
    return forms.some((form) => text.includes(form));
  });
  return { found, count: paths.length };
}

test.skipIf(!probe.usable)(
  `a planted key reaches the service and nothing else: no process, file, ledger, commit or word${whySkipped}`,
  async () => {
    const { service, dir, run } = await town();
    const { code, stdout, stderr } = await run('both');
    expect(code, stdout + stderr).toBe(0);
    const sent = service.asked.map(({ headers }) => headers.authorization ?? headers['x-api-key']);
    expect(sent).toEqual([`Bearer ${key}`, `Bearer ${key}`, key]);
    const [id = ''] = runsIn(dir);
    const show = (file: string) => desk.git(dir, 'show', `gump/run-${id}:${file}`);
    const seen = [await show('seen-one.txt'), await show('seen-claude.txt')];
    // They did look: each has found its own token, and the other's program is not among what it saw.
    expect(seen[0]).toMatch(/^OPENAI_API_KEY=gump-[0-9a-f]{48}$/m);
    expect(seen[1]).toMatch(/^ANTHROPIC_API_KEY=gump-[0-9a-f]{48}$/m);
    const commits = await desk.git(dir, 'log', '-p', '--all', '--format=%H%n%B');
    const words = [stdout, stderr, commits, ...seen].join('\n');
    expect(forms.filter((form) => words.includes(form))).toEqual([]);
    const places = [dir, desk.home].map(findKey);
    expect(places.flatMap(({ found }) => found)).toEqual([]);
    expect(places.map(({ count }) => count > 0)).toEqual([true, true]);
    const ends = ofType(eventsOf(dir), 'agent_completed');
    expect(ends).toMatchObject([
      { agent: 'toy-2', turns: 2, tokens_in: 2000, tokens_out: 2000, cost: 4 },
      { agent: 'claude-sonnet', tokens_in: 10, tokens_out: 5 },
    ]);
  },
);

test('the call that the guard cannot pay is not forwarded, and ends the attempt', async () => {
  const { service, dir, run } = await town();
  expect((await run('guarded')).code).toBe(1);
  // Two calls for $4; a third might cost more than the dollar that is left.
  expect(service.asked).toHaveLength(2);
  const events = eventsOf(dir);
  expect(ofType(events, 'guard_triggered')).toMatchObject([
    { guard: 'max_budget', reason: expect.stringContaining('$1.00 are left') },
  ]);
  expect(ofType(events, 'agent_completed').map(({ cost }) => cost)).toEqual([4]);
});

test('tasks side by side share the budget of the run, and never spend more than it', async () => {
  const { service, dir, run } = await town();
  const { code, stderr } = await run('shared');
  expect(code, stderr).toBe(1);
  const events = eventsOf(dir);
  expect(ofType(events, 'budget_exceeded')).toMatchObject([{ scope: 'run', kind: 'budget', max: 9 }]);
  const spent = ofType(events, 'agent_completed').reduce((sum, { cost }) => sum + cost, 0);
  expect(spent).toBeLessThanOrEqual(9);
  expect(spent).toBe(service.asked.length * 2);
  expect(service.asked.length).toBe(4);
});

test('without a key the CLI’s own login is used, its stream is believed, and the run says what that means', async () => {
  const { dir } = await town();
  const env = { PATH: `${bin}:${process.env.PATH}`, ANTHROPIC_AUTH: 'none' };
  await writeFile(join(bin, 'claude-alone'), claude.replace(/await call\([\s\S]*?messages: \[\] \}\);/, ''), {
    mode: 0o755,
  });
  await mkdir(join(desk.dir, 'alone'), { recursive: true });
  await copyFile(join(bin, 'claude-alone'), join(desk.dir, 'alone/claude'));
  const alone = { ...env, PATH: `${join(desk.dir, 'alone')}:${env.PATH}` };
  const { code, stdout, stderr } = await desk.gump(['run', 'alone', '--spec', 'spec.md'], {
    cwd: dir,
    env: alone,
  });
  expect(code, stdout + stderr).toBe(0);
  const events = eventsOf(dir);
  expect(ofType(events, 'agent_completed')).toMatchObject([{ tokens_in: 10, tokens_out: 5 }]);
  const notices = ofType(events, 'notice').map(({ message }) => message);
  expect(notices).toContainEqual(
    expect.stringMatching(
      /^claude-sonnet uses its own login, for there is no key for anthropic: .*noticed only/,
    ),
  );
  expect(stdout).toContain('uses its own login');
});

test('with a budget, a model whose price nobody knows is not called, and the reason says what to write where', async () => {
  const { service, dir, run } = await town();
  expect((await run('unpriced')).code).toBe(1);
  expect(service.asked).toEqual([]);
  expect(ofType(eventsOf(dir), 'guard_triggered')).toMatchObject([
    { reason: expect.stringContaining('the price of the model toy-model is not known') },
  ]);
});
