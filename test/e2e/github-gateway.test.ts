/** On GitHub: an upstream of the default branch, its key in the job's environment only, and an agent CLI that is missing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Service, sendJson, startService } from '../gateway/upstream.fixture.ts';
import { gitIn, openShortTown, type People, pushFile } from './github-town.ts';

const key = 'planted-key-of-the-job-0123456789';
const forms = [
  key,
  ...[0, 1, 2].map((shift) =>
    Buffer.from('x'.repeat(shift) + key)
      .toString('base64')
      .slice(4, -4),
  ),
];

const toy = `const url = process.env.OPENAI_BASE_URL + "/chat/completions";
const headers = { authorization: "Bearer " + process.env.OPENAI_API_KEY };
const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify({ model: "toy", max_tokens: 10, messages: [] }) });
console.log(answer.status, JSON.stringify(process.env));
process.exit(answer.ok ? 0 : 1);`;

const workflow = (name: string, agent: string) =>
  `name: ${name}\nsteps:\n  - {name: make, type: code, prompt: "Make {spec}", agent: ${agent}}\n`;

let service: Service;
let people: People;
beforeAll(async () => {
  const usage = { prompt_tokens: 10, completion_tokens: 5 };
  service = await startService((answer) => sendJson(answer, { choices: [], usage }));
  const config = `[gateway.company]
url = "${service.url}/v1"
api = "openai-chat"
key_env = "OUR_DOOR"
price_in = 1
price_out = 1
[agents.toy]
command = ["node", "--input-type=module", "-e", ${JSON.stringify(toy)}]
upstream = "company"
`;
  people = await openShortTown({
    files: {
      'gump.toml': config,
      '.gump/workflows/toying.yaml': workflow('toying', 'toy'),
      '.gump/workflows/lacking.yaml': workflow('lacking', 'claude-sonnet'),
    },
  });
  const { town } = people;
  const plain = gitIn(town, 'show', 'main:.github/workflows/gump.yml');
  const real = plain
    .replace(/^ *agent-script: .*$/m, '')
    .replace(/(\n *id: gump\n)/, `$1        env:\n          OUR_DOOR: ${key}\n`);
  expect(real).toContain(`OUR_DOOR: ${key}`);
  pushFile(town, 'main', { path: '.github/workflows/gump.yml', text: `${real}\n` });
}, 60_000);
afterAll(async () => {
  await people.town.close();
  await service.close();
});

test('the gateway sends the key of the job to the default branch’s upstream, and GitHub never sees it', async () => {
  const issue = await people.fileIssue();
  const job = await people.command(issue, '/gump run toying');
  expect(job.conclusion, job.log.join('\n')).toBe('success');
  expect(service.asked.map(({ headers }) => headers.authorization)).toEqual([`Bearer ${key}`]);
  const { town } = people;
  const run = job.stepOutputs.gump?.['run-id'] ?? '';
  const ledger = gitIn(town, 'show', `refs/gump/runs/${run}:manifest.ndjson`);
  expect(ledger).toContain('"cost":0.000015');
  // Where keys go stands in no ledger: who may push one could send them elsewhere.
  expect(ledger).not.toContain(service.url);
  const kept = gitIn(town, 'log', '-p', '--format=%B', `refs/gump/runs/${run}`);
  const said = [ledger, kept, job.log.join('\n'), job.summary, JSON.stringify(job.stepOutputs)];
  const shown = JSON.stringify(await town.standin.dump());
  const words = [...said, shown].join('\n');
  expect(forms.filter((form) => words.includes(form))).toEqual([]);
}, 60_000);

test('a CLI that the runner lacks is told with the input that installs it, before anything is spent', async () => {
  const issue = await people.fileIssue({ title: 'Another' });
  const job = await people.command(issue, '/gump run lacking');
  expect(job.conclusion).toBe('failure');
  const sentence = 'agent-cli: claude-code@VERSION';
  expect(job.log.join('\n')).toContain(sentence);
  expect(JSON.stringify(await people.town.standin.dump())).toContain(sentence);
  expect(service.asked).toHaveLength(1);
}, 60_000);
