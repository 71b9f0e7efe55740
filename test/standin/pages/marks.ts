import type { CheckRunData } from './github-data.ts';
import { type Html, html } from './html.ts';

export type Mark = 'passed' | 'failed' | 'running' | 'neutral' | 'none';

const signs: Readonly<Record<Mark, string>> = {
  passed: '✓',
  failed: '✗',
  running: '●',
  neutral: '◦',
  none: '',
};

/** How a check stands. `neutral` and `skipped` count as green in a rollup but have their own sign. */
export function markOf(status: string, conclusion: string | null): Mark {
  if (status !== 'completed') return 'running';
  if (conclusion === 'success') return 'passed';
  return conclusion === 'neutral' || conclusion === 'skipped' ? 'neutral' : 'failed';
}

/** The last run of each name, by name: what GitHub shows for a commit. */
export function latestChecks(checkRuns: readonly CheckRunData[], sha: string): readonly CheckRunData[] {
  const byName = new Map<string, CheckRunData>();
  for (const run of checkRuns) {
    const known = byName.get(run.name);
    if (run.head_sha === sha && (known === undefined || known.id < run.id)) byName.set(run.name, run);
  }
  return [...byName.values()].sort((a, b) => a.name.localeCompare(b.name, 'en'));
}

/** One mark for all checks of a commit: a failure beats what still runs, that beats success. */
export function rollup(checks: readonly CheckRunData[]): Mark {
  const marks = checks.map((check) => markOf(check.status, check.conclusion));
  if (marks.length === 0) return 'none';
  if (marks.includes('failed')) return 'failed';
  return marks.includes('running') ? 'running' : 'passed';
}

/** The sign of a mark, with its meaning for those who do not see colours. */
export function markSign(mark: Mark, meaning: string = mark): Html {
  if (mark === 'none') return html``;
  return html`<span class="mark mark-${mark}" title="${meaning}" role="img" aria-label="${meaning}">${signs[mark]}</span>`;
}

/** A list of checks with their names, conclusions and links. */
export function checkList(repositoryUrl: string, checks: readonly CheckRunData[]): Html {
  if (checks.length === 0) return html`<p class="quiet">No checks.</p>`;
  const rows = checks.map((check) => {
    const state = check.status === 'completed' ? (check.conclusion ?? 'completed') : check.status;
    return html`<li class="check">
      ${markSign(markOf(check.status, check.conclusion), state)}
      <a href="${repositoryUrl}/runs/${check.id}">${check.name}</a>
      <span class="quiet">${state}${check.output.title ? ` — ${check.output.title}` : ''}</span>
    </li>`;
  });
  return html`<ul class="checks">${rows}</ul>`;
}
