import type { JobRun } from '../runner/job-run.ts';
import { annotationList } from './check-run-page.ts';
import { type Html, html } from './html.ts';
import { counted, time } from './layout.ts';
import { markdown } from './markdown.ts';
import { markOf, markSign } from './marks.ts';

/** One workflow run: its jobs of all attempts, each with inputs, steps, summary, annotations and log. */
export function jobRunPage(repositoryUrl: string, jobs: readonly JobRun[]): Html {
  const [first] = jobs;
  const inputs = Object.entries(first?.inputs ?? {}).filter(([, value]) => value !== '');
  return html`<h1>${first?.workflowName} <span class="quiet">#${first?.runNumber}</span></h1>
<p class="quiet">${first?.eventName} by <b>${first?.actor}</b> on <span class="mono">${first?.ref.replace('refs/heads/', '')}</span> at
<a class="mono" href="${repositoryUrl}/commit/${first?.sha}">${first?.sha.slice(0, 7)}</a></p>
${inputs.length === 0 ? null : html`<dl class="trailers">${inputs.map(([name, value]) => html`<dt>${name}</dt><dd class="mono">${value}</dd>`)}</dl>`}
${jobs.toReversed().map((job) => jobPart(repositoryUrl, job))}`;
}

function jobPart(repositoryUrl: string, job: JobRun): Html {
  const state = job.conclusion ?? job.status;
  const steps = job.steps.map(
    (
      step,
    ) => html`<li>${markSign(markOf(step.status, step.conclusion), step.conclusion ?? step.status)} ${step.name}
${step.exitCode ? html`<span class="tag">exit code ${step.exitCode}</span>` : null}</li>`,
  );
  const outputs = Object.entries(job.stepOutputs).flatMap(([step, values]) =>
    Object.entries(values).map(
      ([name, value]) => html`<dt>${step}.${name}</dt><dd class="mono">${value}</dd>`,
    ),
  );
  return html`<h2 id="job-${job.id}">${markSign(markOf(job.status, job.conclusion), state)} ${job.name}
<span class="quiet">${state}${job.runAttempt > 1 ? ` · attempt ${job.runAttempt}` : ''}${job.lost ? ' · the runner was lost' : ''}</span></h2>
<p class="quiet">${job.startedAt ? html`started ${time(job.startedAt)}` : 'not started'} ${job.completedAt ? html`· completed ${time(job.completedAt)}` : null}</p>
${job.summary === '' ? null : html`<section class="box"><header>Summary</header><div class="inside">${markdown(job.summary, { repositoryUrl })}</div></section>`}
${job.annotations.length === 0 ? null : html`<h2>${counted(job.annotations.length, 'annotation')}</h2>${annotationList(job.annotations)}`}
<section class="box"><header>Steps</header><ul class="rows">${steps}</ul></section>
${outputs.length === 0 ? null : html`<section class="box"><header>Outputs</header><div class="inside"><dl class="trailers">${outputs}</dl></div></section>`}
<section class="box"><header>Log, ${counted(job.log.length, 'line')}</header><pre class="log">${logLines(job.log)}</pre></section>`;
}

/** Lines of a log that a page shows; the rest is in the middle and only counted. */
const logLinesShown = 4_000;

function logLines(log: readonly string[]): readonly Html[] {
  if (log.length <= logLinesShown) return log.map(logLine);
  const half = logLinesShown / 2;
  const left = log.length - logLinesShown;
  return [...log.slice(0, half), `… ${left} lines …`, ...log.slice(-half)].map(logLine);
}

function logLine(line: string): Html {
  // Colours are for terminals.
  const plain = line.replace(/\u001b\[[\d;]*[A-Za-z]/g, '');
  const marked = /^##\[(error|warning|notice|group|endgroup)\](.*)$/s.exec(plain);
  if (marked === null) return html`${plain}\n`;
  if (marked[1] === 'endgroup') return html``;
  const prefix = marked[1] === 'group' ? '▸ ' : `${marked[1]}: `;
  return html`<span class="${marked[1]}">${prefix}${marked[2]}</span>\n`;
}
