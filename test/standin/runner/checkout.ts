import { gitOutput } from './repository-git.ts';
import type { PreparedRun } from './run-request.ts';

export interface CheckoutRequest {
  readonly run: PreparedRun;
  readonly workspace: string;
  readonly serverUrl: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly token: string;
}

/**
 * What `actions/checkout` leaves behind: the commit in the workspace, and the token in the repository's
 * configuration unless `persist-credentials` is false.
 *
 * @throws when the ref is not there
 * @source actions/checkout v4, git-auth-helper (2026-11)
 */
export async function checkout(request: CheckoutRequest): Promise<void> {
  const { run, workspace, serverUrl, inputs } = request;
  const git = (...args: string[]): Promise<string> =>
    gitOutput(`${workspace}/.git`, [`--work-tree=${workspace}`, ...args]);
  const ref = inputs.ref || run.sha;
  await git('init', '--quiet', '--initial-branch=main');
  await git('remote', 'add', 'origin', `${serverUrl}/${run.repository}`);
  const source = `file://${run.gitDir}`;
  const isWhole = inputs['fetch-depth'] === '0';
  if (isWhole) await git('fetch', '--quiet', '--', source, '+refs/heads/*:refs/remotes/origin/*');
  const depth = isWhole ? [] : [`--depth=${inputs['fetch-depth'] || 1}`];
  // Last, so that FETCH_HEAD is this and nothing else.
  await git('fetch', '--quiet', '--no-tags', ...depth, '--', source, ref);
  if (run.ref.startsWith('refs/heads/') && !inputs.ref) {
    await git('checkout', '--quiet', '--force', '-B', run.ref.slice('refs/heads/'.length), 'FETCH_HEAD');
  } else await git('checkout', '--quiet', '--force', '--detach', 'FETCH_HEAD');
  if (inputs['persist-credentials'] === 'false') return;
  const basic = Buffer.from(`x-access-token:${inputs.token || request.token}`).toString('base64');
  await git('config', '--local', `http.${serverUrl}/.extraheader`, `AUTHORIZATION: basic ${basic}`);
}
