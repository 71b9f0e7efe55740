/** What the token in the environment may do on GitHub: one question, and honest where it cannot be asked. */
import type { Environment } from '../../config/environment.ts';
import { explain } from '../../errors.ts';
import { gitText, userEnvironment } from '../../git/git.ts';
import { type Finding, told } from './finding.ts';
import { asker } from './github/ask.ts';

export async function examineToken(root: string | null, env: Environment): Promise<readonly Finding[]> {
  const name = ['GITHUB_TOKEN', 'GH_TOKEN'].find((one) => env[one]);
  const token = name === undefined ? undefined : env[name];
  if (name === undefined || !token) {
    return [
      told(
        'note',
        'no token is set; a run on this machine needs none',
        'set GITHUB_TOKEN to have its rights checked',
      ),
    ];
  }
  const place = placeOf(root === null ? null : await originOf(root), env);
  if (typeof place === 'string') return [told('note', `the rights of ${name} were not asked for: ${place}`)];
  return [await ask({ ...place, name, token })];
}

interface Place {
  readonly api: string;
  readonly repository: string;
}

/** Where the token may be sent: to nobody but the GitHub that it is for. Text: why nowhere. */
function placeOf(origin: string | null, env: Environment): Place | string {
  if (env.GITHUB_API_URL && env.GITHUB_REPOSITORY)
    return { api: env.GITHUB_API_URL, repository: env.GITHUB_REPOSITORY };
  if (origin === null) return 'the repository has no remote `origin`';
  const parts =
    /^(?:https?:\/\/(?:[^@/]*@)?|ssh:\/\/(?:[^@/]*@)?|[^@/:]+@)([^/:]+)(?::\d+)?[/:]([^/]+\/[^/]+?)(?:\.git)?\/?$/.exec(
      origin,
    );
  const [, host = '', repository = ''] = parts ?? [];
  if (host === 'github.com') return { api: 'https://api.github.com', repository };
  if (host !== '' && host === env.GH_HOST) return { api: `https://${host}/api/v3`, repository };
  return host === ''
    ? 'its `origin` is no address of GitHub'
    : `its \`origin\` is on ${host}, which the token may not be for (GH_HOST says which it is)`;
}

async function originOf(root: string): Promise<string | null> {
  const options = { cwd: root, env: userEnvironment(), okCodes: [0, 1, 2, 128] };
  return (await gitText(['remote', 'get-url', 'origin'], options)) || null;
}

interface Question extends Place {
  readonly name: string;
  readonly token: string;
}

async function ask({ api, repository, name, token }: Question): Promise<Finding> {
  try {
    const [owner = '', repo = ''] = repository.split('/');
    const { status, body } = await asker({ api, owner, repo }, token)('');
    return judged({ name, repository }, status, body);
  } catch (error) {
    const cause = error instanceof Error && error.cause ? explain(error.cause) : explain(error);
    return told(
      'note',
      `the rights of ${name} were not found out: ${api} did not answer (${cause})`,
      'ask again when the network is there',
    );
  }
}

function judged(
  { name, repository }: Pick<Question, 'name' | 'repository'>,
  status: number,
  body: unknown,
): Finding {
  if (status === 401)
    return told('broken', `GitHub does not accept ${name}`, 'make a new token, or unset it');
  if (status === 404)
    return told(
      'broken',
      `${name} does not see ${repository}`,
      'give it access to the repository: contents, issues, pull requests and checks',
    );
  if (status !== 200)
    return told('note', `the rights of ${name} were not found out: GitHub answered ${status}`);
  const rights = rightsIn(body);
  if (rights === null)
    return told('note', `${name} sees ${repository}; GitHub does not say what it may do there`);
  if (rights.includes('push')) return told('ok', `${name} may push to ${repository} (${rights.join(', ')})`);
  return told(
    'warning',
    `${name} may only read ${repository} (${rights.join(', ')}): a run on GitHub could push nothing`,
    'give it the right to write contents',
  );
}

function rightsIn(body: unknown): readonly string[] | null {
  const permissions =
    typeof body === 'object' && body !== null && 'permissions' in body ? body.permissions : null;
  if (typeof permissions !== 'object' || permissions === null) return null;
  return Object.entries(permissions).flatMap(([right, has]) => (has === true ? [right] : []));
}
