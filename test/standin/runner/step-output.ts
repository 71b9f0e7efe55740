import type { Masks } from './masks.ts';
import { parseCommand, type WorkflowCommand } from './workflow-commands.ts';

export type AnnotationLevel = 'notice' | 'warning' | 'failure';

/** An annotation of a job, with the field names of GitHub's REST API. */
export interface JobAnnotation {
  readonly annotation_level: AnnotationLevel;
  readonly message: string;
  readonly title: string | null;
  readonly path: string;
  readonly start_line: number;
  readonly end_line: number;
}

/** Reads what a step prints: acts on its commands, masks the rest. */
export interface StepOutput {
  /** Takes one line without its line end. */
  line(text: string): void;
  annotate(level: AnnotationLevel, message: string): void;
  readonly annotations: readonly JobAnnotation[];
  /** Annotations that GitHub would not have kept. */
  readonly annotationsDropped: number;
  /** From the deprecated `::set-output::` and `::save-state::`. */
  readonly outputs: Readonly<Record<string, string>>;
  readonly state: Readonly<Record<string, string>>;
}

/** @source GitHub keeps 10 annotations of each level per step (docs, "Usage limits", 2026-11) */
const annotationsMaxPerLevel = 10;

const levels: Readonly<Record<string, AnnotationLevel>> = {
  error: 'failure',
  warning: 'warning',
  notice: 'notice',
};
const labels: Readonly<Record<AnnotationLevel, string>> = {
  failure: 'error',
  warning: 'warning',
  notice: 'notice',
};

export function createStepOutput(masks: Masks, write: (line: string) => void): StepOutput {
  const annotations: JobAnnotation[] = [];
  const outputs: Record<string, string> = {};
  const state: Record<string, string> = {};
  let dropped = 0;
  let stopToken: string | undefined;

  const print = (text: string): void => write(masks.mask(text));
  const keep = (annotation: JobAnnotation): void => {
    const level = annotation.annotation_level;
    const sameLevel = annotations.filter((other) => other.annotation_level === level).length;
    if (sameLevel < annotationsMaxPerLevel) annotations.push(annotation);
    else dropped += 1;
    print(`##[${labels[level]}]${annotation.message}`);
  };
  const act = (command: WorkflowCommand): void => {
    const level = levels[command.name];
    const name = command.properties.name ?? '';
    if (level !== undefined) keep(annotationOf(level, command, masks));
    else if (command.name === 'add-mask') {
      masks.add(command.data);
      print('::add-mask::***');
    } else if (command.name === 'group') print(`##[group]${command.data}`);
    else if (command.name === 'endgroup') print('##[endgroup]');
    else if (command.name === 'stop-commands') stopToken = command.data.toLowerCase();
    else if (command.name === 'set-output' && name !== '') outputs[name] = command.data;
    else if (command.name === 'save-state' && name !== '') state[name] = command.data;
    else if (command.name === 'set-env' || command.name === 'add-path') {
      print(`##[error]The \`${command.name}\` command is disabled. Use GITHUB_ENV or GITHUB_PATH.`);
    }
  };

  return {
    annotations,
    outputs,
    state,
    get annotationsDropped() {
      return dropped;
    },
    line(text) {
      const command = parseCommand(text);
      if (stopToken !== undefined) {
        if (command?.name === stopToken) stopToken = undefined;
        else print(text);
      } else if (command !== undefined && isKnown(command.name)) act(command);
      else print(text);
    },
    annotate(level, message) {
      keep(annotationOf(level, { name: labels[level], properties: {}, data: message }, masks));
    },
  };
}

const otherCommands = new Set([
  'add-mask',
  'group',
  'endgroup',
  'stop-commands',
  'set-output',
  'save-state',
  'set-env',
  'add-path',
  'debug',
  'echo',
  'add-matcher',
  'remove-matcher',
]);

function isKnown(name: string): boolean {
  return name in levels || otherCommands.has(name);
}

function annotationOf(level: AnnotationLevel, command: WorkflowCommand, masks: Masks): JobAnnotation {
  const line = Number.parseInt(command.properties.line ?? '', 10) || 1;
  const endLine = Number.parseInt(command.properties.endLine ?? '', 10) || line;
  const title = command.properties.title;
  return {
    annotation_level: level,
    message: masks.mask(command.data),
    title: title === undefined ? null : masks.mask(title),
    // GitHub files an annotation without a path under `.github`.
    path: masks.mask(command.properties.file ?? '.github'),
    start_line: line,
    end_line: endLine,
  };
}
