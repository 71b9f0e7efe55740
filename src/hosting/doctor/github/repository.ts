/** The repository itself, its settings of Actions, and the labels. */
import { type Finding, told } from '../finding.ts';
import { type Ask, field, type Place, unknown } from './ask.ts';

export interface FoundRepository {
  readonly findings: readonly Finding[];
  /** Null where it is not seen: then nothing else can be asked. */
  readonly defaultBranch: string | null;
}

export async function examineRepository(ask: Ask, place: Place): Promise<FoundRepository> {
  const { owner, repo, server } = place;
  const { status, body } = await ask('');
  const name = `${owner}/${repo}`;
  if (status === 401)
    return none(told('broken', 'GitHub does not accept the token', 'make a new one: gh auth login'));
  if (status === 404)
    return none(
      told(
        'broken',
        `${name} is not there, or the token does not see it`,
        `look whether ${server}/${name} is right, and give the token access to it`,
      ),
    );
  if (status !== 200) return none(told('broken', `${name} was not read: GitHub answered ${status}`));
  const branch = String(field(body, 'default_branch') ?? 'main');
  const findings: Finding[] = [];
  if (field(body, 'archived') === true)
    findings.push(told('broken', `${name} is archived: nothing can be pushed`, `gh repo unarchive ${name}`));
  if (field(body, 'has_issues') === false)
    findings.push(
      told(
        'warning',
        `${name} has no issues: runs can only be started by hand`,
        `gh repo edit ${name} --enable-issues`,
      ),
    );
  if (findings.length === 0) findings.push(told('ok', `${name} is there, default branch ${branch}`));
  return { findings, defaultBranch: branch };
}

function none(finding: Finding): FoundRepository {
  return { findings: [finding], defaultBranch: null };
}

/** Whether Actions run at all, and whether their token may open pull requests. */
export async function examineActions(ask: Ask, { owner, repo, server }: Place): Promise<readonly Finding[]> {
  const page = `${server}/${owner}/${repo}/settings/actions`;
  const [enabled, rights] = await Promise.all([
    ask('/actions/permissions'),
    ask('/actions/permissions/workflow'),
  ]);
  const api = `gh api -X PUT repos/${owner}/${repo}/actions/permissions`;
  const findings: Finding[] = [];
  if (enabled.status !== 200) findings.push(unknown('whether Actions are enabled', enabled.status));
  else if (field(enabled.body, 'enabled') !== true)
    findings.push(
      told('broken', `Actions are disabled (${page})`, `${api} -F enabled=true -f allowed_actions=all`),
    );
  else findings.push(told('ok', 'Actions are enabled'));
  if (rights.status !== 200) findings.push(unknown('whether Actions may open pull requests', rights.status));
  else if (field(rights.body, 'can_approve_pull_request_reviews') !== true)
    findings.push(
      told(
        'broken',
        `Actions may not open pull requests ("Allow GitHub Actions to create and approve pull requests", ${page})`,
        `${api}/workflow -f default_workflow_permissions=read -F can_approve_pull_request_reviews=true`,
      ),
    );
  else findings.push(told('ok', 'Actions may open pull requests'));
  return findings;
}

export async function examineLabel(ask: Ask, { owner, repo }: Place): Promise<readonly Finding[]> {
  const { status } = await ask('/labels/gump');
  if (status === 200) return [told('ok', 'the label `gump` is there')];
  if (status !== 404) return [unknown('the label `gump`', status)];
  const hint = `gh label create gump -R ${owner}/${repo} --description "Let gump make a spec of it"`;
  return [told('warning', 'the label `gump` is missing: nobody can choose it for an issue', hint)];
}
