/** What a check run says: title, summary, log and annotations, as GitHub's API takes them. Pure. */
import { limits } from '../../limits.ts';
import type { Annotation } from '../annotations/annotation.ts';
import { annotationsOfFindings } from '../annotations/findings.ts';
import { annotationsOfLog } from '../annotations/log.ts';
import { withinBytes } from '../cut.ts';
import { defuse, defuseLine, fence, harmlessLine } from '../defuse.ts';
import type { Conclusion, GateRecord } from './gates.ts';
import type { DesiredCheck } from './view.ts';

export interface CheckOutput {
  readonly title: string;
  readonly summary: string;
  readonly text?: string;
  /** All of them; a request carries `limits.annotationsPerRequestMax`. */
  readonly annotations: readonly Annotation[];
}

const words: Readonly<Record<Conclusion, string>> = {
  success: 'Passed',
  failure: 'Failed',
  skipped: 'Skipped',
  cancelled: 'Stopped before its end',
  timed_out: 'Out of time',
  action_required: 'Waiting for a person',
};

/** What a gate's command said. */
export interface Printed {
  readonly log: string;
  /** What it wrote into report files, as in a log; null where it wrote none. */
  readonly reports: string | null;
}

/** @param printed null where there is nothing (or several gates are shown in one). */
export function checkOutput(check: DesiredCheck, printed: Printed | null, runUrl: string): CheckOutput {
  const log = printed?.log ?? null;
  const text = log === null || log.trim() === '' ? null : fittingFence(log, runUrl);
  return {
    title: title(check),
    summary: summary(check, log),
    ...(text === null ? {} : { text }),
    annotations:
      check.copied || check.conclusion === null ? [] : check.gates.flatMap((gate) => remarks(gate, printed)),
  };
}

/** Annotations of one judged gate; a gate that passed has none of its log's. */
export function remarks(gate: GateRecord, printed: Printed | null): readonly Annotation[] {
  const told = annotationsOfFindings(gate.findings);
  const failed = gate.conclusion === 'failure' || gate.conclusion === 'timed_out';
  const read = failed && gate.findings.length === 0 ? printedRemarks(gate, printed) : [];
  return [...told, ...read].slice(0, limits.annotationsMax);
}

/** A report says more exactly what the log says too: on its lines the log is not asked. */
function printedRemarks({ reason, files }: GateRecord, printed: Printed | null): readonly Annotation[] {
  const reported = annotationsOfLog(printed?.reports ?? '', files);
  const places = new Set(reported.map(placeOf));
  const logged = annotationsOfLog(printed?.log ?? reason, files);
  return [...reported, ...logged.filter((one) => !places.has(placeOf(one)))];
}

function placeOf({ path, line }: Annotation): string {
  return `${path}:${line}`;
}

function title(check: DesiredCheck): string {
  if (check.conclusion === null) return 'Judging';
  const word = words[check.conclusion];
  const [gate] = check.gates;
  if (check.gates.length > 1 || !gate) return `${word}: ${check.gates.length} gates`;
  const reason = harmlessLine(gate.reason.split('\n').find((line) => line.trim() !== '') ?? '', 120);
  const passed = check.conclusion === 'success';
  return reason && !passed ? `${word}: ${reason}` : `${word} at attempt ${gate.attempt}`;
}

function summary(check: DesiredCheck, log: string | null): string {
  const parts = check.gates.flatMap((gate) => [
    `\`${defuseLine(check.shown)}\` attempt ${gate.attempt}, gate \`${defuseLine(gate.gate)}\`` +
      `${check.conclusion === null ? '' : `: ${words[gate.conclusion ?? 'cancelled'].toLowerCase()}`}` +
      `, judged commit ${gate.commit}.`,
    ...(check.copied ? ['The result still stands; it is shown here because this commit is the head.'] : []),
    ...(gate.comments ? [defuse(gate.comments, 8_000)] : []),
    ...unplaced(gate),
    ...(gate.reason && gate.reason !== gate.comments ? [fence(beside(gate.reason, log), 8_000)] : []),
  ]);
  const text = parts.join('\n\n');
  return Buffer.byteLength(text) <= limits.checkTextBytesMax ? text : fittingFence(text);
}

/** The useful part of a long log; of one that can be read at a glance below, only what it does not say itself. */
function beside(reason: string, log: string | null): string {
  const lines = log?.split('\n') ?? [];
  if (lines.length === 0 || lines.length > glanceLinesMax) return reason;
  const shown = new Set(lines.map((line) => line.trimEnd()));
  const own = reason.split('\n').filter((line) => !shown.has(line.trimEnd()));
  return own.some((line) => line.trim() !== '') ? own.join('\n') : reason;
}

const glanceLinesMax = 60;

function fittingFence(text: string, rest?: string): string {
  return withinBytes(limits.checkTextBytesMax, (charactersMax) => fence(text, charactersMax, rest));
}

function unplaced(gate: GateRecord): readonly string[] {
  const without = gate.findings.filter((finding) => annotationsOfFindings([finding]).length === 0);
  if (without.length === 0) return [];
  return [
    without
      .map(({ path, body }) => `- \`${defuseLine(path)}\`: ${defuse(body, 1_000).replace(/\n/g, '\n  ')}`)
      .join('\n'),
  ];
}

/** As GitHub's API spells an annotation. */
export function annotationBody({ path, line, endLine, column, level, message }: Annotation) {
  return {
    path,
    start_line: line,
    end_line: endLine,
    ...(column === null || line !== endLine ? {} : { start_column: column, end_column: column }),
    annotation_level: level,
    message,
  };
}
