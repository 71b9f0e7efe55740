/** R7: everything has a limit, with unit and reason, in this file. */

export const limits = {
  /** A spec is read by people and fits an agent's context beside the code. */
  specBytesMax: 512 * 1024,
  /** A workflow file is written by hand; more than this is an accident or an attack. */
  workflowBytesMax: 1024 * 1024,
  /** An agent script holds whole files that it writes, but is still written by hand. */
  agentScriptBytesMax: 8 * 1024 * 1024,
  /** YAML aliases that may be expanded; a workflow needs none, billions are an attack. */
  yamlAliasesMax: 100,
  /** Nesting of YAML collections; deeper is an attack on the stack. */
  yamlDepthMax: 64,
  /** Names become paths, branches and variable names. */
  nameCharactersMax: 64,
  /** Tasks of one split: GitHub's matrix holds as many jobs. */
  tasksMax: 256,
  /** Parallel tasks at once where nothing else is said: agents mostly wait. */
  parallelDefault: 4,
  /** One line of an agent's stream; longer ones are an attack or a dumped file. */
  streamLineBytesMax: 8 * 1024 * 1024,
  /** What is kept of an agent's final text. */
  outputBytesMax: 64 * 1024,
  /** What is kept of one gate's output in its log; head and tail are kept. */
  gateLogBytesMax: 1024 * 1024,
  /** What a retry prompt quotes of an error, by whole lines, head and tail kept. */
  errorContextBytesMax: 16 * 1024,
  /** What a prompt quotes of a diff, by whole lines, head and tail kept. */
  diffContextBytesMax: 128 * 1024,
  /** One context entry of a prompt. */
  contextBytesMax: 128 * 1024,
  /** Reason text in an event. */
  reasonBytesMax: 16 * 1024,
  /** Between TERM and KILL of a process group: enough for a CLI to flush its session. */
  killGraceMs: 2_000,
  /** A gate that says nothing for this long hangs (a test suite may be slow, not endless). */
  gateTimeoutMs: 30 * 60_000,
  /** A context command is a look, not a job. */
  contextCommandTimeoutMs: 60_000,
  /** One attempt, where no guard says otherwise. */
  attemptTimeoutMs: 60 * 60_000,
  /** One git command; the slowest is a checkout of a huge tree. */
  gitTimeoutMs: 10 * 60_000,
  /** The line of a command that is read; an honest one is a tenth of it. */
  commandCharactersMax: 1_000,
  /** Comments of an issue that are looked through: ten pages of the API. */
  issueCommentsMax: 1_000,
  /** People whose permission is asked for one spec: each costs a request. */
  specAuthorsMax: 30,
  /** One comment on GitHub. */
  commentCharactersMax: 65_536,
  /** A 👀 without 🚀 that is older than this was left by somebody who crashed. */
  takeoverAfterMs: 60_000,
  /** Job summary of one step on GitHub. */
  summaryBytesMax: 1024 * 1024,
} as const;
