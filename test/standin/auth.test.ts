import { createAppAuth } from '@octokit/auth-app';
import { Octokit } from '@octokit/rest';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Fixture, refusedWith, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

function registerApp(permissions: Readonly<Record<string, 'read' | 'write'>>) {
  return fixture.standin.registerApp({ slug: 'gump', permissions, events: [] });
}

function appClient(appId: number, privateKey: string, installationId?: number): Octokit {
  const auth = { appId, privateKey, ...(installationId === undefined ? {} : { installationId }) };
  return new Octokit({ authStrategy: createAppAuth, auth, baseUrl: fixture.standin.apiUrl });
}

test('an App proves itself with its key, finds its installation and writes with an installation token', async () => {
  const app = registerApp({ issues: 'write' });
  const client = appClient(app.appId, app.privateKeyPem);
  expect((await client.apps.getAuthenticated()).data).toMatchObject({ id: app.appId, slug: 'gump' });
  const installation = await client.apps.getRepoInstallation(at);
  expect(installation.data.id).toBe(app.installationId);
  const installed = appClient(app.appId, app.privateKeyPem, installation.data.id);
  const issue = await installed.issues.create({ ...at, title: 'from the App' });
  expect(issue.data.user).toMatchObject({ login: 'gump[bot]', type: 'Bot' });
  expect(issue.data.performed_via_github_app?.slug).toBe('gump');
});

test("a key that is not the App's own is refused with 401", async () => {
  const app = registerApp({ issues: 'write' });
  const other = fixture.standin.registerApp({ slug: 'other', permissions: {}, events: [] });
  const client = appClient(app.appId, other.privateKeyPem);
  expect(await refusedWith(client.apps.getAuthenticated())).toMatchObject({ status: 401 });
});

test('an installation token can be narrowed but never widened', async () => {
  const app = registerApp({ issues: 'write' });
  const client = appClient(app.appId, app.privateKeyPem);
  const ask = (permissions: Record<string, 'read' | 'write'>) =>
    client.apps.createInstallationAccessToken({ installation_id: app.installationId, permissions });
  const narrow = await ask({ issues: 'read' });
  expect(narrow.data.token).toMatch(/^ghs_/);
  const write = fixture.as(narrow.data.token).issues.create({ ...at, title: 'x' });
  expect(await refusedWith(write)).toMatchObject({ status: 403 });
  expect(await refusedWith(ask({ contents: 'write' }))).toMatchObject({ status: 422 });
});

test('an unknown, a revoked and an expired token are all bad credentials', async () => {
  const { standin, as } = fixture;
  const revoked = standin.createJobToken('acme/shop', { issues: 'write' });
  standin.revokeToken(revoked);
  const expired = standin.createJobToken('acme/shop', { issues: 'write' }, { lifeMs: -1000 });
  for (const token of ['ghs_nobody', revoked, expired]) {
    const refused = await refusedWith(as(token).repos.get(at));
    expect(refused.status).toBe(401);
    expect(refused.message).toContain('Bad credentials');
  }
});

test('a token without the right is refused with 403 and what it may not see is 404', async () => {
  const { standin, as } = fixture;
  const reader = as(standin.createJobToken('acme/shop', { contents: 'read', issues: 'read' }));
  expect((await reader.issues.listForRepo(at)).data).toEqual([]);
  const refused = await refusedWith(reader.issues.create({ ...at, title: 'x' }));
  expect(refused).toMatchObject({ status: 403 });
  expect(refused.message).toContain('Resource not accessible by integration');
  await standin.addRepository({ owner: 'acme', name: 'secret', empty: true, private: true });
  const stranger = as(standin.addUser('stranger').token);
  expect(await refusedWith(stranger.repos.get({ owner: 'acme', repo: 'secret' }))).toMatchObject({
    status: 404,
  });
  expect(await refusedWith(reader.repos.get({ owner: 'acme', repo: 'secret' }))).toMatchObject({
    status: 404,
  });
});

test('people cannot write check runs, whatever their role', async () => {
  const { standin, as } = fixture;
  const owner = as(standin.addUser('acme').token);
  const { data } = await owner.repos.getBranch({ ...at, branch: 'main' });
  const write = owner.checks.create({ ...at, name: 'test', head_sha: data.commit.sha });
  expect(await refusedWith(write)).toMatchObject({ status: 403 });
});

test("a person's permission is told in GitHub's four words, with the finer role beside it", async () => {
  const { standin, job } = fixture;
  standin.addUser('mia');
  const ask = async (username: string) =>
    (await job.repos.getCollaboratorPermissionLevel({ ...at, username })).data;
  expect(await ask('mia')).toMatchObject({ permission: 'read', role_name: 'read' });
  standin.setPermission('acme/shop', 'mia', 'maintain');
  expect(await ask('mia')).toMatchObject({ permission: 'write', role_name: 'maintain' });
  standin.setPermission('acme/shop', 'mia', 'triage');
  expect(await ask('mia')).toMatchObject({ permission: 'read', role_name: 'triage' });
  expect(await refusedWith(ask('nobody-of-that-name'))).toMatchObject({ status: 404 });
});

test('a limited personal token cannot write although its owner may', async () => {
  const { token } = fixture.standin.addUser('acme', { permissions: { issues: 'read', metadata: 'read' } });
  const refused = await refusedWith(fixture.as(token).issues.create({ ...at, title: 'x' }));
  expect(refused.message).toContain('Resource not accessible by personal access token');
});

test('reading a public repository needs no token and writing does', async () => {
  const anonymous = new Octokit({ baseUrl: fixture.standin.apiUrl });
  expect((await anonymous.repos.get(at)).data.full_name).toBe('acme/shop');
  expect(await refusedWith(anonymous.issues.create({ ...at, title: 'x' }))).toMatchObject({ status: 401 });
});
