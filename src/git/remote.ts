/** What a git command on a remote gets to know, and what its failure means. */
import { GumpError } from '../errors.ts';
import { createRedactor } from '../process/redact.ts';
import { type Environment, engineEnvironment, withSettings } from './git.ts';

export interface Remote {
  /** `https://…`, `http://` on this machine only, or a path; without credentials. */
  readonly url: string;
  /** Null for a remote that needs none. */
  readonly token: string | null;
  /** What goes with the token; default `x-access-token`, as GitHub wants it. */
  readonly username?: string;
}

/**
 * The environment of a command that talks to the remote. The credential is in variables of this one command only: in no
 * argument and in no file.
 * @throws GumpError `usage` for a URL that must not be used.
 */
export function remoteEnvironment(remote: Remote, additions: Environment): Environment {
  const { scheme, origin } = checkUrl(remote.url);
  const settings: [string, string][] = [
    ['protocol.allow', 'never'],
    [`protocol.${scheme}.allow`, 'always'],
    ['credential.helper', ''],
    ['push.gpgSign', 'false'],
    ['push.recurseSubmodules', 'no'],
    ['fetch.recurseSubmodules', 'no'],
    // A header of ours would go along to wherever a redirect leads.
    ['http.followRedirects', 'false'],
    ['http.lowSpeedLimit', '1000'],
    ['http.lowSpeedTime', '60'],
  ];
  if (remote.token !== null && origin !== null) {
    const credential = Buffer.from(`${remote.username ?? 'x-access-token'}:${remote.token}`).toString(
      'base64',
    );
    settings.push([`http.${origin}/.extraheader`, `AUTHORIZATION: basic ${credential}`]);
  }
  return withSettings({ ...engineEnvironment(), ...networkVariables(), ...additions }, settings);
}

/** True where the same command may succeed a little later. */
function isNetworkFault(text: string): boolean {
  return networkFault.test(text);
}

const networkFault = new RegExp(
  [
    'Could not resolve (host|proxy)|Failed to connect|Connection (refused|reset|timed out)|Operation (too slow|timed out)',
    'Empty reply from server|Recv failure|SSL_ERROR_SYSCALL|GnuTLS recv error|early EOF|unexpected disconnect',
    'hung up unexpectedly|requested URL returned error: (5\\d\\d|429)|HTTP 5\\d\\d|was ended after \\d+ s',
  ].join('|'),
  'i',
);

/** The error that says what was not done, why and what to do next; the token is masked in it. */
export function remoteError(what: string, remote: Remote, said: string): GumpError {
  const text = createRedactor(remote.token === null ? [] : [remote.token])(said).trim();
  const hint = meanings.find(([pattern]) => pattern.test(text))?.[1];
  const short = text
    .split('\n')
    .filter((line) => line.trim() !== '')
    .slice(0, 12)
    .join('\n');
  return new GumpError(`${what}: ${short}`, {
    code: 'git',
    retryable: isNetworkFault(text),
    ...(hint && { hint }),
  });
}

export const mayNot =
  'The token may not do this: it needs the permission "contents: write" on this repository.';

/** @source messages of git 2.39 and of GitHub's receive-pack (GH006, GH013, archived, workflow permission), read 2026-11. */
const meanings: readonly (readonly [RegExp, string])[] = [
  [
    /refusing to allow .* workflow|workflows?[`'"]? (permission|scope)/i,
    'Files under .github/workflows were changed, which this token may not push: give it the permission "workflows", or leave those files alone.',
  ],
  [
    /archived so it is read-only/i,
    'The repository is archived. Unarchive it in its settings, then resume the run.',
  ],
  [
    /must have verified signatures|signed commits/i,
    'A rule of the repository wants signed commits on this branch, and a runner holds no key to sign with: exempt branches named gump/* from it. Squash the pull request when you merge, then GitHub signs.',
  ],
  [
    /GH006|GH013|protected branch|rule violations|pre-receive hook declined|hook declined/i,
    'A rule of the repository protects this branch: exempt branches named gump/*, or choose another branch.',
  ],
  [
    /non-fast-forward|fetch first|stale info|needs force|cannot lock ref|failed to update ref/i,
    'Somebody else moved the branch meanwhile. Nothing was overwritten: keep their work, or delete the branch, then resume the run.',
  ],
  [
    /returned error: 40[13]\b|Authentication failed|could not read (Username|Password)|denied to|not granted|Invalid username/i,
    mayNot,
  ],
  [
    /returned error: 404\b|repository .*not found|does not appear to be a git repository/i,
    'See that the repository exists and that the token may see it.',
  ],
  [networkFault, 'The remote could not be reached; the run can be resumed later.'],
];

function checkUrl(url: string): { readonly scheme: string; readonly origin: string | null } {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  if (!parsed && url.startsWith('/')) return { scheme: 'file', origin: null };
  if (parsed?.protocol === 'file:') return { scheme: 'file', origin: null };
  if (parsed?.username || parsed?.password) throw refused('it holds a credential');
  if (parsed?.protocol === 'https:') return { scheme: 'https', origin: parsed.origin };
  if (parsed?.protocol !== 'http:') throw refused('only https is used');
  if (!['localhost', '127.0.0.1', '[::1]'].includes(parsed.hostname))
    throw refused('plain http is used on this machine only');
  return { scheme: 'http', origin: parsed.origin };
}

function refused(why: string): GumpError {
  return new GumpError(`The remote's URL was not used: ${why}`, {
    code: 'usage',
    hint: 'Give a URL like https://github.com/owner/repository and the token apart from it.',
  });
}

/** How this machine reaches the network; git's own remote helper reads these. */
function networkVariables(): Environment {
  const found: Record<string, string> = {};
  for (const name of [
    'HTTPS_PROXY',
    'HTTP_PROXY',
    'ALL_PROXY',
    'NO_PROXY',
    'SSL_CERT_FILE',
    'SSL_CERT_DIR',
    'GIT_SSL_CAINFO',
  ]) {
    for (const spelled of [name, name.toLowerCase()]) {
      const value = process.env[spelled];
      if (value !== undefined) found[spelled] = value;
    }
  }
  return found;
}
