/** Rendering at a place: names become values, diffs are read from git, inputs are rendered where they were given. */
import type { Place } from '../engine/place.ts';
import { lookUp, type Value } from '../engine/values.ts';
import { limits } from '../limits.ts';
import { render } from '../template/render.ts';
import { placeholders } from '../template/template.ts';
import type { Stage } from './dependencies.ts';

type Quote = (value: string) => string;

/** The template with its names replaced once; a name without a value is empty. */
export async function renderAt(stage: Stage, place: Place, template: string, quote?: Quote): Promise<string> {
  const values = new Map<string, string>();
  for (const { name } of placeholders(template)) {
    if (values.has(name)) continue;
    const value = lookUp({ plan: stage.plan, state: stage.state() }, place, name);
    if (value) values.set(name, await textOf(stage, value));
  }
  return render(template, (name) => values.get(name), quote ? { quote } : {});
}

function textOf(stage: Stage, value: Value): Promise<string> | string {
  if (value.kind === 'text') return value.text;
  if (value.kind === 'template') return renderAt(stage, value.place, value.template);
  if (value.from === value.to) return '';
  if (value.kind === 'files') return filesOf(stage, value);
  const { max_diff_chars: bytesMax = limits.diffContextBytesMax } = stage.plan.settings.error_context ?? {};
  return stage.workspace.diff(value.from, value.to, bytesMax);
}

async function filesOf({ workspace }: Stage, { from, to }: { from: string; to: string }): Promise<string> {
  return (await workspace.changedFiles(from, to)).join(', ');
}
