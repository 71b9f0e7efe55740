/** Remarks from what validators found. */
import type { Finding } from '../../workflow/workflow.ts';
import { type Annotation, isLineNumber, levelOf, messageOf } from './annotation.ts';
import { relativePath } from './path.ts';

/** Findings that name a line; the others belong into the text. */
export function annotationsOfFindings(findings: readonly Finding[]): readonly Annotation[] {
  return findings.flatMap((finding) => {
    const path = relativePath(finding.path);
    if (path === null || finding.line === undefined || !isLineNumber(finding.line)) return [];
    const last = finding.end_line ?? finding.line;
    const endLine = isLineNumber(last) ? Math.max(finding.line, last) : finding.line;
    const level = levelOf(finding.severity ?? '');
    return [{ path, line: finding.line, endLine, column: null, level, message: messageOf(finding.body) }];
  });
}
