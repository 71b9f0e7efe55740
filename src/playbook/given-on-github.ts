/** Inputs that a repository's own `.github/workflows/gump.yml` gives to every run, by the `set` of its Action. */
import { at, parseQuietly } from './loose-yaml.ts';
import { readSetLines } from './set-lines.ts';

/** Names; empty where the file gives none or cannot be read, null where only the runner will know them. */
export function givenOnGithub(workflowFile: string): readonly string[] | null {
  const texts = setsIn(parseQuietly(workflowFile));
  const lines = texts.map((text) => readSetLines(text));
  // A line that is an expression as a whole.
  if (lines.some(({ problems }) => problems.length > 0)) return null;
  return lines.flatMap(({ inputs }) => Object.keys(inputs));
}

function setsIn(file: unknown): readonly string[] {
  const steps = valuesOf(at(file, 'jobs')).flatMap((job) => valuesOf(at(job, 'steps')));
  return steps.flatMap((step) => {
    const set = at(at(step, 'with'), 'set');
    return typeof set === 'string' ? [set] : [];
  });
}

function valuesOf(value: unknown): readonly unknown[] {
  return typeof value === 'object' && value !== null ? Object.values(value) : [];
}
