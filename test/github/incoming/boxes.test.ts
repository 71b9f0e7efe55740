import { describe, expect, test } from 'vitest';
import { boxLine, cleared, tickedVerb } from '../../../src/github/commands/boxes.ts';
import { buttonsFor, verbOfButton } from '../../../src/github/commands/buttons.ts';
import { decideTrigger } from '../../../src/github/trigger.ts';

const before = [
  '<!-- gump:status issue-12 -->',
  'Text.',
  boxLine('run', 'run'),
  boxLine('stop', 'stop'),
].join('\n');
const ticked = (verb: string, body = before): string => body.replace(`- [ ] ${verb} `, `- [x] ${verb} `);

describe('a tick', () => {
  test.each(['run', 'stop'])('of %s is that command, and is cleared again', (verb) => {
    expect(tickedVerb(before, ticked(verb))).toBe(verb);
    expect(tickedVerb(before.replaceAll('\n', '\r\n'), ticked(verb))).toBe(verb);
    expect(cleared(ticked(verb))).toBe(before);
  });

  test.each([
    ['nothing was changed', before, before],
    ['a box was cleared', ticked('run'), before],
    ['two boxes were ticked', before, ticked('run', ticked('stop'))],
    ['another word was changed too', before, ticked('run').replace('Text.', 'Other.')],
    ['a line was added', before, `${ticked('run')}\nMore.`],
    ['the box was not there', before.replace(boxLine('run', 'run'), ''), ticked('run')],
    ['the box names another verb now', before, ticked('run').replace('gump:box run', 'gump:box approve')],
    ['it is a box of the text', 'a\n- [ ] run', 'a\n- [x] run'],
    [
      'it names no verb',
      'a\n- [ ] x <!-- gump:box constructor -->',
      'a\n- [x] x <!-- gump:box constructor -->',
    ],
  ])('is none where %s', (_why, from, to) => {
    expect(tickedVerb(from, to)).toBeNull();
  });
});

const person = { login: 'ana', id: 5, type: 'User' };
const us = { login: 'gump[bot]', id: 9, type: 'Bot' };
const repository = { name: 'shop', owner: { login: 'acme' }, default_branch: 'trunk' };
const config = { allowedAppIds: [77], self: { appIds: [900], userId: null } };

describe('an edit of our comment', () => {
  const at = '2026-11-23T10:00:09Z';
  const edit = (more: object = {}, sender: object = person) =>
    decideTrigger(
      'issue_comment',
      {
        ...{ action: 'edited', repository, sender, changes: { body: { from: before } } },
        issue: { number: 12, title: 't', body: '', state: 'open', user: person, labels: [] },
        comment: {
          ...{ id: 501, body: ticked('run'), user: us, created_at: '2026-11-23T10:00:00Z', updated_at: at },
          performed_via_github_app: { id: 900 },
          ...more,
        },
      },
      config,
    );

  test('by a tick is a command of whoever ticked', () => {
    expect(edit()).toMatchObject({
      ...{ kind: 'tick', verb: 'run', commentId: 501, at, actor: { login: 'ana' }, key: `501 ${at} run` },
    });
  });

  test.each([
    ['by a bot', {}, us],
    ["of somebody else's comment", { user: person, performed_via_github_app: null }],
    ['of the comment of another App', { performed_via_github_app: { id: 901 } }],
    ['of our comment with another mark', { body: ticked('run').replace('issue-12', 'issue-13') }],
  ])('%s is none', (_what, more, sender?: object) => {
    expect(edit(more, sender)).toMatchObject({ kind: 'ignore' });
  });
});

describe('a button', () => {
  const press = (more: object = {}, sender: object = person, delivery: string | null = 'd-1') =>
    decideTrigger(
      'check_run',
      {
        ...{ action: 'requested_action', repository, sender },
        requested_action: { identifier: 'gump-stop' },
        check_run: {
          ...{ id: 7, external_id: 'issue-12-501/gump', app: { id: 900 } },
          ...{ started_at: '2026-11-23T10:00:00Z', completed_at: null },
        },
        ...more,
      },
      config,
      delivery,
    );

  test('of our check is a command of whoever pressed it, the same for the same delivery', () => {
    expect(press()).toMatchObject({
      kind: 'press',
      verb: 'stop',
      number: 12,
      owner: 'acme',
      key: '7 d-1 stop',
    });
    expect(press({}, person, 'd-2')).not.toEqual(press());
  });

  test.each([
    ['that is none of ours', { requested_action: { identifier: 'toString' } }],
    [
      'of the check of another App',
      { check_run: { id: 7, external_id: 'issue-12-501/gump', app: { id: 1 } } },
    ],
    ['of a run without an issue', { check_run: { id: 7, external_id: 'run-8/gump', app: { id: 900 } } }],
    ['that was only made', { action: 'created' }],
    ['that a bot pressed', {}, us],
  ])('%s is none', (_what, more, sender?: object) => {
    expect(press(more, sender)).toMatchObject({ kind: 'ignore' });
  });

  test('fits into what GitHub takes, and means what it says', () => {
    const shown = ([null, 'success', 'failure', 'cancelled', 'timed_out', 'action_required'] as const).map(
      buttonsFor,
    );
    expect(shown.map((buttons) => buttons.map(({ label }) => label))).toEqual([
      ...[['Stop'], [], ['Retry'], ['Retry'], ['Retry'], ['Approve']],
    ]);
    for (const { label, description, identifier } of shown.flat()) {
      expect(label.length).toBeLessThanOrEqual(20);
      expect(description.length).toBeLessThanOrEqual(40);
      expect(identifier.length).toBeLessThanOrEqual(20);
      expect(verbOfButton(identifier)).not.toBeNull();
    }
  });
});
