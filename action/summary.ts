/** The job's summary page: the report of the run as markdown. */
import { type Event, limits, type Plan, renderMarkdown, type Sink, summarize } from '../src/index.ts';

/** A sink that remembers what happened and can tell it at the end. */
export interface ReportSink extends Sink {
  /** Markdown, at most half of what a summary holds: it is an output too, and those count two bytes a character. */
  report(): string;
}

/** The report is empty where the run never opened. */
export function createReportSink(): ReportSink {
  const events: Event[] = [];
  let plan: Plan | null = null;
  return {
    name: 'summary',
    open(opened, past) {
      plan = opened;
      events.push(...past);
    },
    event(event) {
      events.push(event);
    },
    close: async () => undefined,
    report: () =>
      plan === null ? '' : renderMarkdown(summarize(plan, events), { bytesMax: limits.summaryBytesMax / 2 }),
  };
}

/** Appends to the summary of this step; nothing where the runner has none. */
export async function writeSummary(markdown: string): Promise<void> {
  if (markdown === '' || !process.env.GITHUB_STEP_SUMMARY) return;
  const { summary } = await import('./toolkit.ts');
  await summary.addRaw(markdown, true).write();
}
