/** The event that started the job, as the runner wrote it down. */
import { readFileSync } from 'node:fs';
import type { Environment } from './reader.ts';

/** Adds a problem where there is no event, one that is not to be understood, or one that may not start a run. Gives its payload. */
export function checkEvent(env: Environment, problems: string[]): unknown {
  const name = env.GITHUB_EVENT_NAME ?? '';
  if (name === '') {
    problems.push('GITHUB_EVENT_NAME is not set: this is not a GitHub Actions runner.');
    return null;
  }
  if (!events.includes(name)) {
    const plain = name.replace(/[^\w-]/g, '?').slice(0, 80);
    problems.push(
      `The event file is of an unknown kind, \`${plain}\`: GitHub starts no workflow by it. Use \`workflow_dispatch\`.`,
    );
    return null;
  }
  const payload = checkPayload(env.GITHUB_EVENT_PATH, problems);
  if (byAnybody.includes(name)) {
    const instead = eventsHandled.includes(name)
      ? 'let `command: event` handle it, which asks GitHub for permissions and starts the run by `workflow_dispatch`'
      : 'use `workflow_dispatch`';
    problems.push(`The event \`${name}\` can be caused by anybody, so no run starts by it: ${instead}.`);
  }
  return payload;
}

/** The login of the person who caused the event; null where it was an App, or is not told. */
export function personBehind(payload: unknown): string | null {
  const { sender } = (payload ?? {}) as {
    readonly sender?: { readonly login?: unknown; readonly type?: unknown };
  };
  return sender?.type === 'User' && typeof sender.login === 'string' ? sender.login : null;
}

/** What `command: event` handles, with the permission of whoever caused it asked from GitHub. */
export const eventsHandled: readonly string[] = [
  'issues',
  'issue_comment',
  'pull_request_review',
  'merge_group',
];

/** The payload as GitHub sent it; null with a problem where there is none. */
export function checkPayload(file: string | undefined, problems: string[]): unknown {
  if (!file) {
    problems.push('GITHUB_EVENT_PATH is not set: this is not a GitHub Actions runner.');
    return null;
  }
  try {
    const payload: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (typeof payload === 'object' && payload !== null && !Array.isArray(payload)) return payload;
    problems.push(`The event file ${file} was not taken: it does not hold a JSON object.`);
  } catch (error) {
    const why = error instanceof SyntaxError ? 'it is not JSON' : 'it cannot be read';
    problems.push(`The event file ${file} was not taken: ${why}.`);
  }
  return null;
}

/**
 * Events whose sender may be a stranger: a run costs money and needs write permission. A `workflow_run` follows what a
 * pull request of a fork started, with the rights of the repository; a `gollum` may be anybody's edit of an open wiki.
 */
const byAnybody = [
  'issues',
  'issue_comment',
  'discussion',
  'discussion_comment',
  'fork',
  'gollum',
  'watch',
  'workflow_run',
  'pull_request_target',
  'pull_request_review',
  'pull_request_review_comment',
];

/** @source https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows (2026-11) */
const events: readonly string[] = [
  ...byAnybody,
  'branch_protection_rule',
  'check_run',
  'check_suite',
  'create',
  'delete',
  'deployment',
  'deployment_status',
  'image_version',
  'label',
  'merge_group',
  'milestone',
  'page_build',
  'public',
  'pull_request',
  'push',
  'registry_package',
  'release',
  'repository_dispatch',
  'schedule',
  'status',
  'workflow_call',
  'workflow_dispatch',
];
