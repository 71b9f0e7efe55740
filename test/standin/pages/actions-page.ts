import type { JobRun } from '../runner/job-run.ts';
import { type Html, html } from './html.ts';
import { time } from './layout.ts';
import { markOf, markSign } from './marks.ts';

/** The workflow runs of a repository, the newest first. */
export function actionsPage(repositoryUrl: string, jobs: readonly JobRun[]): Html {
  const runIds = [...new Set(jobs.map((job) => job.runId))].toReversed();
  const rows = runIds.map((runId) => {
    const latest = jobs.filter((job) => job.runId === runId);
    const attempt = Math.max(...latest.map((job) => job.runAttempt));
    const current = latest.filter((job) => job.runAttempt === attempt);
    const [first] = current;
    return html`<li>${current.map((job) => markSign(markOf(job.status, job.conclusion), job.conclusion ?? job.status))}
<a href="${repositoryUrl}/actions/runs/${runId}">${first?.workflowName} #${first?.runNumber}</a>
${attempt > 1 ? html`<span class="tag">attempt ${attempt}</span>` : null}
<span class="quiet">${first?.eventName} by ${first?.actor}</span><span class="quiet end">${time(first?.createdAt)}</span></li>`;
  });
  return html`<h1>Actions</h1>
<section class="box">${rows.length === 0 ? html`<p class="inside quiet">No workflow has run.</p>` : html`<ul class="rows">${rows}</ul>`}</section>`;
}
