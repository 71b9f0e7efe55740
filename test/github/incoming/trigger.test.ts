import { describe, expect, test } from 'vitest';
import type { Intent } from '../../../src/github/intent.ts';
import { isOurLabel } from '../../../src/github/payload.ts';
import { decideTrigger } from '../../../src/github/trigger.ts';

const config = { allowedAppIds: [77], self: { appIds: [900, 15368], userId: null } };
const ana = { login: 'ana', id: 5, type: 'User' };
const bot = { login: 'helper[bot]', id: 9, type: 'Bot' };
const repository = { name: 'shop', owner: { login: 'acme' }, default_branch: 'trunk' };

function issue(more: object = {}): object {
  return {
    number: 12,
    title: 'Add a greeting',
    body: 'Say hello.',
    state: 'open',
    user: ana,
    labels: [{ name: 'gump' }],
    html_url: 'https://github.test/acme/shop/issues/12',
    ...more,
  };
}

function labeled(label: string, more: object = {}): Intent {
  const payload = {
    action: 'labeled',
    issue: issue(),
    label: { name: label },
    repository,
    sender: ana,
    ...more,
  };
  return decideTrigger('issues', payload, config);
}

function commented(body: string, more: object = {}, action = 'created'): Intent {
  const at = '2026-11-23T10:00:00Z';
  const comment = { id: 501, body, user: ana, created_at: at, updated_at: at, ...more };
  return decideTrigger('issue_comment', { action, issue: issue(), comment, repository, sender: ana }, config);
}

describe('a label of ours asks for the spec', () => {
  test.each([
    ['gump'],
    ['GUMP'],
    ['gump:tdd'],
    ['gump: team/review'],
    ['gump:agent=claude-opus'],
    ['gump:max-budget=x'],
  ])('%s is one', (label) => {
    const intent = labeled(label);
    expect(intent).toMatchObject({
      kind: 'propose',
      issue: { number: 12, defaultBranch: 'trunk', labels: [...new Set([label, 'gump'])] },
    });
  });

  test.each(['bug', 'gumps', 'gump:', 'gump:../x', 'gump:a b', 'not gump', 'gump/x', 'gump:a/../b=c'])(
    '%j is not ours',
    (label) => {
      expect(isOurLabel(label)).toBe(false);
      expect(labeled(label)).toEqual({ kind: 'ignore', reason: 'The label is not one of ours.' });
    },
  );

  test('the other labels of ours are remembered, those of others are not', () => {
    const more = {
      issue: issue({ labels: [{ name: 'gump' }, { name: 'bug' }, { name: 'gump:tdd' }, null] }),
    };
    expect(labeled('gump', more)).toMatchObject({ issue: { labels: ['gump', 'gump:tdd'] } });
  });

  test('one that is taken away asks for it too, as long as another is there', () => {
    const more = { action: 'unlabeled', issue: issue({ labels: [{ name: 'gump' }] }) };
    expect(labeled('gump:tdd', more)).toMatchObject({ kind: 'propose', issue: { labels: ['gump'] } });
    expect(labeled('gump', { ...more, issue: issue({ labels: [] }) }).kind).toBe('ignore');
    expect(labeled('bug', more).kind).toBe('ignore');
  });

  test.each([
    ['a closed issue', { issue: issue({ state: 'closed' }) }],
    ['a pull request', { issue: issue({ pull_request: {} }) }],
    ['a bot', { sender: bot }],
    ['nobody', { sender: null }],
  ])('%s is ignored', (_what, more) => {
    expect(labeled('gump', more).kind).toBe('ignore');
  });
});

describe('an edited issue', () => {
  const edited = (more: object): Intent =>
    decideTrigger(
      'issues',
      { action: 'edited', issue: issue(), repository, sender: ana, changes: { body: {} }, ...more },
      config,
    );
  test('with our label asks for the spec again', () => expect(edited({}).kind).toBe('propose'));
  test('without our label is ignored', () =>
    expect(edited({ issue: issue({ labels: [] }) }).kind).toBe('ignore'));
  test('whose text did not change is ignored', () => expect(edited({ changes: {} }).kind).toBe('ignore'));
  test('by a bot is ignored', () => expect(edited({ sender: bot }).kind).toBe('ignore'));
});

describe('a new comment that is a command', () => {
  test('carries who wrote it, where and when', () => {
    expect(commented('/gump run tdd')).toMatchObject({
      kind: 'command',
      commentId: 501,
      commentedAt: '2026-11-23T10:00:00Z',
      actor: { login: 'ana', id: 5, appId: null, isBot: false },
      issue: { owner: 'acme', repo: 'shop', number: 12, title: 'Add a greeting', body: 'Say hello.' },
      command: { verb: 'run', workflow: 'tdd' },
    });
  });

  test('of an App in the configuration counts, by its id alone', () => {
    const intent = commented('/gump run', { user: bot, performed_via_github_app: { id: 77 } });
    expect(intent).toMatchObject({ kind: 'command', actor: { isBot: true, appId: 77 } });
  });

  test.each([
    ['a bot of another App', { user: bot, performed_via_github_app: { id: 78 } }],
    ['a bot without an App', { user: bot }],
    ['a bot whose App id is a text', { user: bot, performed_via_github_app: { id: '77' } }],
    ['an account without a type', { user: { login: 'x', id: 1 } }],
    ['a comment that was edited since', { updated_at: '2026-11-23T10:00:05Z' }],
    ['a comment without an id', { id: undefined }],
  ])('%s is ignored', (_what, more) => {
    expect(commented('/gump run', more).kind).toBe('ignore');
  });

  test('a person who writes through an App stays a person', () => {
    const intent = commented('/gump run', { performed_via_github_app: { id: 77 } });
    expect(intent).toMatchObject({ actor: { isBot: false, appId: null } });
  });

  test.each(['edited', 'deleted'])('an %s comment is not a command', (action) => {
    expect(commented('/gump run', {}, action).kind).toBe('ignore');
  });

  test('a comment without a command is ignored', () => {
    expect(commented('> /gump run')).toEqual({
      kind: 'ignore',
      reason: 'The comment does not begin with a command.',
    });
  });
});

describe('an event that cannot be understood is ignored, never an error', () => {
  test.each([
    ['push', {}],
    ['issues', null],
    ['issues', []],
    ['issues', 'x'],
    ['issues', { action: 'labeled' }],
    ['issues', { action: 'labeled', issue: { number: '1' }, repository }],
    ['issue_comment', { action: 'created', issue: issue(), repository }],
    ['issue_comment', { action: 'created', issue: issue(), comment: { body: 7 }, repository }],
    ['', undefined],
  ])('%s %j', (name, payload) => {
    const intent = decideTrigger(name, payload, config);
    expect(intent.kind).toBe('ignore');
    expect(intent.kind === 'ignore' && intent.reason).toMatch(/^[A-Z].*\.$/);
  });
});
