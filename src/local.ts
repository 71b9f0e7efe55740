/** The public face without GitHub: what the command line loads, so that it starts fast. */
export { nearestKey } from './config/keys.ts';
export { type Diagnostic, formatDiagnostic, hasErrors, nearest } from './diagnostic.ts';
export { explain, GumpError } from './errors.ts';
export { encodeEvent } from './events/codec.ts';
export type { Event, SandboxMode } from './events/event.ts';
export { applyRun } from './hosting/apply.ts';
export {
  type ConfigurationShown,
  getConfigured,
  setConfigured,
  showConfiguration,
} from './hosting/configure.ts';
export { examineGithub } from './hosting/doctor/github.ts';
export { examine, type Finding } from './hosting/doctor.ts';
export { type DryRun, dryRun } from './hosting/dry-run.ts';
export { collectGarbage, type Removed } from './hosting/gc.ts';
export { type InitFile, initRepository } from './hosting/init.ts';
export type { LocalHost, LocalResult } from './hosting/local-run.ts';
export { type ListedAgent, type ListedAgents, listAgents } from './hosting/models.ts';
export { listPlaybook, showPlaybook } from './hosting/playbook.ts';
export { replayLocalRun } from './hosting/replay.ts';
export { reportOf, reportOfRuns, reportOfStep } from './hosting/report.ts';
export { resumeLocalRun } from './hosting/resume.ts';
export { startLocalRun } from './hosting/start.ts';
export { type RunStanding, statusOf } from './hosting/status.ts';
export { validateFiles } from './hosting/validate.ts';
export { gumpVersion } from './hosting/version.ts';
export { limits } from './limits.ts';
export { describeLines } from './plan/describe-lines.ts';
export type { Sink } from './ports/sink.ts';
export { renderAggregate } from './report/aggregate.ts';
export { formatAge, formatBytes, formatCost, formatDuration } from './report/amounts.ts';
export { columns } from './report/columns.ts';
export { detailData, renderDetail } from './report/detail.ts';
export { renderJson } from './report/json.ts';
export { cleanLines, oneLine } from './report/line.ts';
export { renderText } from './report/text.ts';
export { createTraceSink } from './terminal/sink.ts';
