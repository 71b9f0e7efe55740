/** Files of workflows: a person may say yes to a change of them, but not every token may push it. */
import { fold } from '../engine/evolve.ts';
import { questionOf } from '../events/ending.ts';
import type { Event } from '../events/event.ts';
import { askLogin } from '../github/api/self.ts';
import { isJobAccount } from '../github/outgoing/host-notes.ts';
import { askedPauses } from '../runtime/open.ts';
import { type Site, usageError } from './github-site.ts';

/**
 * Before a yes costs anything: what it allows could not be pushed.
 * @throws GumpError `usage`; the run goes on asking
 */
export async function refuseWorkflowFiles(site: Site, past: readonly Event[]): Promise<void> {
  const asked = questionOf(past) === null ? [] : askedPauses(fold(past));
  const files = asked
    .flatMap(({ paths }) => paths)
    .filter((path) => path.toLowerCase().startsWith('.github/workflows'));
  if (files.length === 0 || site.options.pushToken !== null) return;
  if (!isJobAccount(await askLogin(site.client))) return;
  throw usageError(
    `the run was not gone on with: ${files.join(', ')} would be changed, and the job's own token may never push such files`,
    'save a token that may write contents and workflows as the secret `GUMP_PUSH_TOKEN` and comment `/gump approve` again; or comment `/gump reject` and change them by hand',
  );
}
