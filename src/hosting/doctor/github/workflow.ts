/** The workflow file on the default branch: whether it is there, complete, allowed what it needs, and given its secrets. */
import { knownUpstreams } from '../../../gateway/upstreams.ts';
import { type GithubWorkflow, readGithubWorkflow } from '../../../playbook/github-workflow.ts';
import { workflowPath, workflowText } from '../../workflow-file.ts';
import { type Finding, told } from '../finding.ts';
import { type Ask, field, type Place, unknown } from './ask.ts';

export async function examineWorkflow(ask: Ask, place: Place, branch: string): Promise<readonly Finding[]> {
  const [file, state] = await Promise.all([
    ask(`/contents/${workflowPath}?ref=${encodeURIComponent(branch)}`),
    ask('/actions/workflows/gump.yml'),
  ]);
  const remake = `gump init --force, then commit ${workflowPath} to ${branch} and push`;
  if (file.status === 404)
    return [told('broken', `${workflowPath} is missing on ${branch}`, remake.replace(' --force', ''))];
  const content = field(file.body, 'content');
  if (file.status !== 200 || typeof content !== 'string') return [unknown(workflowPath, file.status)];
  const workflow = readGithubWorkflow(Buffer.from(content, 'base64').toString('utf8'));
  if (workflow === null) return [told('broken', `${workflowPath} is no workflow file`, remake)];
  const problems = problemsOf(workflow, remake);
  const name = `${place.owner}/${place.repo}`;
  if (state.status === 200 && field(state.body, 'state') !== 'active') {
    const word = String(field(state.body, 'state'));
    problems.push(
      told('broken', `${workflowPath} is switched off (${word})`, `gh workflow enable gump.yml -R ${name}`),
    );
  }
  const findings =
    problems.length > 0 ? problems : [told('ok', `${workflowPath} is there, ${listening(workflow)}`)];
  const hosts = isAlone(workflow) ? await appBeside(ask, branch) : hostNote(place);
  return [...findings, ...hosts, ...(await examineSecrets(ask, name, workflow))];
}

/** Held to the file that this version would write. */
function problemsOf(workflow: GithubWorkflow, remake: string): Finding[] {
  const host = isAlone(workflow) ? 'alone' : 'app';
  const ours = readGithubWorkflow(workflowText({ host, action: null, queue: true }));
  const problems: Finding[] = [];
  if (workflow.jobs.some(({ uses }) => uses.some(({ action }) => action.startsWith('OWNER/'))))
    problems.push(
      told(
        'broken',
        `${workflowPath} names no Action: it says \`uses: OWNER/gump\``,
        'put the account that holds the Action for OWNER',
      ),
    );
  const inputs = (ours?.inputs ?? []).filter((input) => !workflow.inputs.includes(input));
  if (inputs.length > 0)
    problems.push(told('broken', `${workflowPath} lacks inputs: ${inputs.join(', ')}`, remake));
  for (const wanted of ours?.jobs ?? []) {
    const job = workflow.jobs.find(({ name }) => name === wanted.name);
    if (!job) {
      problems.push(jobMissing(wanted.name, remake));
      continue;
    }
    const missing = Object.entries(wanted.permissions ?? {}).filter(
      ([right, level]) => job.permissions?.[right] !== level,
    );
    for (const [right, level] of missing)
      problems.push(
        told(
          'broken',
          `the job \`${job.name}\` of ${workflowPath} lacks the right ${right}: ${level}`,
          `add \`${right}: ${level}\` below \`permissions:\` of that job`,
        ),
      );
  }
  return problems;
}

/** Files of earlier versions have none behind the run: they work, and lose what a lost runner leaves open. */
function jobMissing(name: string, remake: string): Finding {
  const message = `${workflowPath} has no job \`${name}\``;
  if (name !== 'after') return told('broken', message, remake);
  return told(
    'warning',
    `${message}: a run whose runner is lost or cut off stays open until somebody comments /gump resume`,
    remake,
  );
}

function isAlone({ triggers }: GithubWorkflow): boolean {
  return triggers.includes('issues') || triggers.includes('issue_comment');
}

function listening(workflow: GithubWorkflow): string {
  return isAlone(workflow) ? 'and listens to labels and comments itself' : 'and is started by the App';
}

/** Where an App of ours has written lately, every event is handled twice: nothing is done twice, but runners are started in vain. */
async function appBeside(ask: Ask, branch: string): Promise<readonly Finding[]> {
  const { status, body } = await ask('/issues/comments?sort=created&direction=desc&per_page=100');
  const comments: readonly unknown[] = status === 200 && Array.isArray(body) ? body : [];
  const app = comments.find((comment) => {
    const slug = field(field(comment, 'performed_via_github_app'), 'slug');
    const isStatus = /^<!-- gump:status (?:issue|pull)-\d+ -->/.test(String(field(comment, 'body')));
    return isStatus && typeof slug === 'string' && slug !== 'github-actions';
  });
  if (app === undefined) return [];
  const name = String(field(field(app, 'performed_via_github_app'), 'slug')).replace(/[^\w-]/g, '?');
  const message = `${workflowPath} listens to labels and comments, and so does the App ${name}: each event starts a job in vain`;
  const mend = `gump init --app --force, then commit ${workflowPath} to ${branch} and push; or uninstall the App`;
  return [told('note', message, mend)];
}

/** Which Apps are installed is told to the Apps only. */
function hostNote({ owner, repo, server }: Place): readonly Finding[] {
  const page = `${server}/${owner}/${repo}/settings/installations`;
  const message = 'whether the App is installed is not told to a token of a person';
  return [told('note', message, `look there: ${page}; without the App: gump init --force`)];
}

const keys = Object.values(knownUpstreams).flatMap((one) => one.keys.map(([name]) => name));

async function examineSecrets(ask: Ask, name: string, workflow: GithubWorkflow): Promise<readonly Finding[]> {
  const lists = await Promise.all([
    ask('/actions/secrets?per_page=100'),
    ask('/actions/organization-secrets?per_page=100'),
  ]);
  const [own] = lists;
  if (own?.status !== 200) return [unknown('which secrets there are', own?.status ?? 0)];
  const there = new Set(lists.flatMap(({ body }) => namesIn(body)));
  const findings = workflow.secrets
    .filter((secret) => secret !== 'GITHUB_TOKEN')
    .map((secret) => {
      if (there.has(secret)) return told('ok', `the secret ${secret} is there`);
      const set = `gh secret set ${secret} -R ${name}`;
      return secret === 'GUMP_PUSH_TOKEN'
        ? told('note', `the secret ${secret} is not set: CI on what a run pushes waits for approval`, set)
        : told('broken', `the secret ${secret} is missing, and ${workflowPath} uses it`, set);
    });
  const inputs = workflow.jobs.flatMap(({ uses }) => uses.flatMap((one) => one.inputs));
  if (inputs.includes('agent-script') || workflow.secrets.some((secret) => keys.includes(secret)))
    return findings;
  const [example = ''] = keys;
  const missing = told(
    'broken',
    `${workflowPath} gives the run no key of a model, so no agent can work`,
    `gh secret set ${example} -R ${name}, and in the step of gump: env: {${example}: \${{ secrets.${example} }}}`,
  );
  return [...findings, missing];
}

function namesIn(body: unknown): readonly string[] {
  const secrets = field(body, 'secrets');
  return Array.isArray(secrets) ? secrets.map((secret) => String(field(secret, 'name'))) : [];
}
