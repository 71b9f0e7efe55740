/** R7: everything has a limit, with unit and reason, in this file. */

export const limits = {
  /** A spec is read by people and fits an agent's context beside the code. */
  specBytesMax: 512 * 1024,
  /** Issues that a spec quotes because its issue names them: each costs a request, and context is no spec. */
  linkedIssuesMax: 5,
  /** What is quoted of one of them, by whole lines. */
  linkedIssueCharactersMax: 4_000,
  /** Rounds of cleaning; texts that need more were built to, and what is left in them is made visible instead. */
  cleaningRoundsMax: 20,
  /** A tag or the words of a picture that are taken out of a text; longer ones are text. */
  hiddenCharactersMax: 1_000,
  /** Front matter; longer ones are no settings, and a line `---` far below closes nothing. */
  frontMatterLinesMax: 50,
  /** A workflow file is written by hand; more than this is an accident or an attack. */
  workflowBytesMax: 1024 * 1024,
  /** An agent script holds whole files that it writes, but is still written by hand. */
  agentScriptBytesMax: 8 * 1024 * 1024,
  /** YAML aliases that may be expanded; a workflow needs none, billions are an attack. */
  yamlAliasesMax: 100,
  /** Nesting of YAML collections; deeper is an attack on the stack. */
  yamlDepthMax: 64,
  /** Pieces (words, marks, line ends) of a workflow file; a thousand steps have half of them, and each costs memory. */
  yamlTokensMax: 150_000,
  /** Values of a workflow file with its aliases expanded: ten times the largest that a person would write. */
  yamlNodesMax: 200_000,
  /** A configuration file is written by hand; more than this is an accident or an attack. */
  configBytesMax: 256 * 1024,
  /** The least that a prompt may quote of an error or a diff: less would not even hold a sentence. */
  cutBytesMin: 256,
  /** Problems that are listed for one file; nobody reads more, the rest is counted. */
  diagnosticsMax: 500,
  /** A glob with its braces written out; more is no pattern that a person would write. */
  globAlternativesMax: 1_000,
  /** A name between braces; longer ones are text, for nothing that can have a value is called so. */
  placeholderCharactersMax: 512,
  /** A title that fits a line of a list. */
  titleCharactersMax: 200,
  /** Steps of a run with everything that it calls, each as often as it is called: calls of calls multiply. */
  plannedStepsMax: 10_000,
  /** Called workflows that are read for the spec comment: each costs a request or two. */
  describedWorkflowsMax: 20,
  /** A path as a workflow or a task writes it; file systems hold names of 255 bytes. */
  pathCharactersMax: 255,
  /** What a timer of Node can hold (about 24 days); longer ones would fire at once. */
  durationMsMax: 2 ** 31 - 1,
  /** Names become paths, branches and variable names. */
  nameCharactersMax: 64,
  /** Tasks of one split: GitHub's matrix holds as many jobs. */
  tasksMax: 256,
  /** Branches that go on in jobs of their own. @source docs.github.com: a matrix generates at most 256 jobs (2026-11) */
  matrixJobsMax: 256,
  /** Attempts at once in a run where nothing else is said: agents mostly wait. */
  parallelDefault: 4,
  /** One line of an agent's stream; longer ones are an attack or a dumped file. */
  streamLineBytesMax: 8 * 1024 * 1024,
  /** Links that one path leads through; the kernel follows 40. */
  pathLinksMax: 40,
  /** Nesting of a tool's input in which paths are looked for; honest ones have two or three levels. */
  toolInputDepthMax: 8,
  /** Calls of tools, and answers of a model, that are remembered of a stream: more than any agent has open at once. */
  streamNamesMax: 1_000,
  /** Their names; real ones have some dozens. */
  streamNameCharactersMax: 256,
  /** Paths that are remembered of one call of a tool, and those of writes that were denied in one attempt; nobody reads more. */
  toolPathsMax: 1_000,
  /** A path that the system takes; a longer one leads to no file. @source path_resolution(7): PATH_MAX (2026-11) */
  systemPathBytesMax: 4_096,
  /** Reports of an attempt's own stream that are kept one by one … */
  progressReportsMax: 1_000,
  /** … behind them every so many, and each that breaches a guard: a stream without end must not fill the ledger. */
  progressReportsGap: 1_000,
  /** An agent whose input has ended behind its answer may take so long to leave; then it is sent away. */
  agentLeaveMs: 5_000,
  /** For an ACP agent to end its turn when it is asked to (recorded: 10 ms); then it gets a signal. */
  agentCancelMs: 2_000,
  /** What is kept of an agent's final text. */
  outputBytesMax: 64 * 1024,
  /** A task list or verdict; 256 tasks with long descriptions fit. */
  resultBytesMax: 1024 * 1024,
  /** What is kept of one gate's output in its log; head and tail are kept. */
  gateLogBytesMax: 1024 * 1024,
  /** What is kept of an agent's stream; head and tail are kept. */
  agentLogBytesMax: 1024 * 1024,
  /** What a retry prompt quotes of an error, by whole lines, head and tail kept. */
  errorContextBytesMax: 16 * 1024,
  /** What a prompt quotes of a diff, by whole lines, head and tail kept. */
  diffContextBytesMax: 128 * 1024,
  /** Conversations that are carried from one agent's home to another's: hundreds of the longest. */
  conversationsBytesMax: 256 * 1024 * 1024,
  /** One context entry of a prompt. */
  contextBytesMax: 128 * 1024,
  /** Equal failures in a row after which something else is tried: the third has told all that there is to know. */
  sameFailuresDefault: 3,
  /** … and the most that can be asked for: no retry list is longer. */
  sameFailuresMax: 1000,
  /** Reason text in an event. */
  reasonBytesMax: 16 * 1024,
  /** Between TERM and KILL of a process group: enough for a CLI to flush its session. */
  killGraceMs: 2_000,
  /** What a child leaves running may end by itself for so long: a `tee` at the end of a pipe empties it. */
  strayGraceMs: 100,
  /** Trying the sandbox at the start of a run takes some milliseconds; longer than this, something hangs. */
  sandboxProbeTimeoutMs: 10_000,
  /** What bubblewrap tells of one command: two short lines. */
  sandboxStatusBytesMax: 4 * 1024,
  /** Output that a lost process holds open is given up when nothing came for so long … */
  drainQuietMs: 250,
  /** … and in any case after this. */
  drainMaxMs: 10_000,
  /** A gate that says nothing for this long hangs (a test suite may be slow, not endless). */
  gateTimeoutMs: 30 * 60_000,
  /** A package.json or Makefile; larger ones are generated or an attack. */
  judgeFileBytesMax: 4 * 1024 * 1024,
  /** A pnpm-workspace.yaml is a list written by hand; reading YAML takes more than in proportion to its size. */
  workspaceFileBytesMax: 32 * 1024,
  /** Asking a tool whether it is there. */
  probeTimeoutMs: 60_000,
  /** A coverage report of a very large project has about 20 MB. */
  coverageReportBytesMax: 64 * 1024 * 1024,
  /** Reports that a gate's command wrote, all together: what a log may have. */
  gateReportsBytesMax: 1024 * 1024,
  /** Totals of tests and coverage stand in short lines; patterns are tried on no others. */
  totalsLineCharactersMax: 500,
  /** Runs whose coverage .NET has kept in a tree: a folder each, and nobody keeps more. */
  collectedRunsMax: 100,
  /** Files that may be such reports: maven writes one for each class of tests. */
  resultFilesMax: 2_000,
  /** Reports that were not read, of which a log says why; the rest is counted. */
  leftReportsMax: 10,
  /** Folders of one tool's reports, one for each of its tasks. */
  resultFoldersMax: 50,
  /** Nesting of XML elements; reports need six. */
  xmlDepthMax: 100,
  /** A context command is a look, not a job. */
  contextCommandTimeoutMs: 60_000,
  /** One attempt, where no guard says otherwise. */
  attemptTimeoutMs: 60 * 60_000,
  /** An agent that gives no sign of life, where no guard says otherwise: models think for minutes, a lost connection for ever. */
  idleTimeoutMs: 10 * 60_000,
  /** Fetching an agent CLI from npm: 400 MB at 1 MB/s, and a little. */
  cliInstallMs: 10 * 60_000,
  /** What npm, and the first start of what it brought, print: the end of it says why. */
  cliOutputBytesMax: 64 * 1024,
  /** Its first start, which may unpack it, on a machine that is busy. */
  cliVersionMs: 2 * 60_000,
  /** Half an installation that is older belongs to a job that was killed: none takes so long. */
  cliStagingMs: 24 * 60 * 60_000,
  /** A program that the doctor asks for its version: the slowest takes 4 s on a cold disk. */
  doctorCommandMs: 10_000,
  /** Free room below which a run may end in the middle: trees, dependencies and builds of some tasks side by side. */
  diskFreeBytesMin: 1024 ** 3,
  /** One git command; the slowest is a checkout of a huge tree. */
  gitTimeoutMs: 10 * 60_000,
  /** What git prints, where the caller expects no less: the list of files of a huge tree. */
  gitOutputBytesMax: 256 * 1024 * 1024,
  /** What it says beside that. */
  gitErrorBytesMax: 64 * 1024,
  /** Tries of a fetch or push that the network broke off … */
  remoteAttemptsMax: 5,
  /** … and the pause behind the first, doubled each time: half a minute in all. */
  remoteBackoffMs: 2_000,
  /** Between two pushes of the ledger that nobody waits for: what a lost machine may take with it, in time. */
  ledgerPushGapMs: 15_000,
  /** Artifacts that go along with a ledger, all together: a branch is no archive. */
  ledgerArtifactsBytesMax: 32 * 1024 * 1024,
  /** Trees that are made at once: more only fight for the disk. */
  checkoutsMax: 2,
  /** A file that is read as text (context, instructions, configuration); larger ones are no text for anybody. */
  textFileBytesMax: 4 * 1024 * 1024,
  /** The line of a command that is read; an honest one is a tenth of it. */
  commandCharactersMax: 1_000,
  /** Comments of an issue that are looked through: ten pages of the API. */
  issueCommentsMax: 1_000,
  /** Open threads of a pull request that are answered: more are no review but a discussion, and each answer is a request. */
  reviewThreadsMax: 100,
  /** Pages of 50 threads that are looked through for open ones: resolved ones stay for ever. */
  reviewThreadPagesMax: 20,
  /** Comments of one thread: more are a discussion, and a spec has a limit of its own. */
  threadCommentsMax: 500,
  /** Of them those that come with 50 threads at once: GraphQL counts what a request could give. */
  threadCommentsAtOnce: 50,
  /** Reviews of a pull request that are looked through: five pages of the API. */
  reviewsMax: 500,
  /** Lines of code that a review's comment is told with: a screen. */
  reviewHunkLinesMax: 30,
  /** People whose permission is asked for one spec: each costs a request. */
  specAuthorsMax: 30,
  /** One webhook, read before its signature is checked. @source docs.github.com: payloads end at 25 MB (2026-11) */
  webhookBytesMax: 25 * 1024 * 1024,
  /** One comment on GitHub. */
  commentCharactersMax: 65_536,
  /** The spec in our comment: leaves room for the run's progress in the same one. */
  shownSpecCharactersMax: 36_000,
  /** A 👀 without 🚀 that is older than this was left by somebody who crashed. */
  takeoverAfterMs: 60_000,
  /** A box or an answer that is looked at later than this may not be meant any more: a look shows whether it is. */
  lateActMs: 5 * 60_000,
  /** How far a job looks back for commands that nobody has finished: whoever commanded has not forgotten it. */
  leftBackMs: 24 * 60 * 60_000,
  /** Of them it finishes so many, the oldest first: its own time is ten minutes. */
  leftAtOnceMax: 5,
  /** Tries of one event: a hiccup of GitHub's is over within a minute, what lasts longer is told … */
  eventTriesMax: 6,
  /** … and the pause behind the first, doubled each time: half a minute in all; where nobody can be told, it goes on. */
  eventBackoffMs: 1_000,
  /** How long the App keeps at an event: an outage of GitHub's is over by then, or a person has to look. */
  appPatienceMs: 30 * 60_000,
  /** Events that the App keeps waiting; beyond that GitHub is asked for them later … */
  appQueueMax: 1_000,
  /** … and what they hold in memory, all together: an ordinary one has 20 KB. */
  appQueueBytesMax: 64 * 1024 * 1024,
  /** Events that the App works on at once: they mostly wait for GitHub. */
  appWorkersMax: 32,
  /** Between two looks of the App for what it missed. */
  appLookMs: 10 * 60_000,
  /** How far such a look goes back; GitHub keeps deliveries for three days. */
  appLookBackMs: 24 * 60 * 60_000,
  /** Deliveries that one look reads: 30 requests. */
  appLookDeliveriesMax: 3_000,
  /** A delivery under way may take so long; GitHub gives up after ten seconds. */
  appDeliveryMs: 30_000,
  /** How often GitHub is asked to send the same event again. */
  appRedeliveriesMax: 3,
  /** Events that an App asks for once more when it starts, the newest: a request each, and those before it may have died over. */
  appAgainMax: 200,
  /** … and so many between two looks at what others have asked for meanwhile. */
  appAgainAtOnce: 5,
  /** How long a stopping App lets its work finish; most hosts kill after 30 s. */
  appStopMs: 25_000,
  /** How often the Action looks again at a command that somebody else holds: twice the time of a takeover. */
  eventLooksMax: 3,
  /** Job summary of one step on GitHub. */
  summaryBytesMax: 1024 * 1024,
  /** One request to GitHub's API; it answers in 10 s or gives up itself. */
  githubRequestTimeoutMs: 20_000,
  /** Content-creating requests in any minute; GitHub blocks above 80. */
  githubWritesPerMinuteMax: 75,
  /** Longest wait that GitHub may ask of us inside one request; longer ones go back to the caller. */
  githubWaitMsMax: 60_000,
  /** Tries of one thing that GitHub refuses or does not answer; then it is told and left to the next resume. */
  githubTriesMax: 6,
  /** Tries of one write whose answer was lost, each behind a look whether it was carried out. */
  githubDoubtTriesMax: 4,
  /** Writes of one run that copies on the head and progress must stay below; an hour allows 500 to everybody together. */
  githubWritesMax: 140,
  /** Writes of one run that only show that something moves. */
  githubProgressWritesMax: 24,
  /** Between two edits of a comment; grows with every edit, so that a long run stays frugal. */
  githubCommentGapMs: 10_000,
  /** The longest that this gap grows to. */
  githubCommentGapMsMax: 15 * 60_000,
  /** Between an event and a look at what it changes: events come in bursts. */
  githubCoalesceMs: 50,
  /** A gate that ends sooner is created completed, with one request less. */
  githubQuickGateMs: 5_000,
  /** Delivering what is left at the end of a run: a minute's full pace of writes, twice. */
  githubCloseTimeoutMs: 120_000,
  /**
   * Summary and text of a check run; GitHub's documentation says characters, its refusal "exceeds a maximum bytesize of 65535".
   * @source github.com/github/docs/issues/35252 (2026-11)
   */
  checkTextBytesMax: 65_535,
  /** Name of a check run, in characters, so that lists stay readable. */
  checkNameCharactersMax: 100,
  /** Annotations that one request may carry; GitHub refuses more. */
  annotationsPerRequestMax: 50,
  /** Annotations of one check run; nobody reads more. */
  annotationsMax: 100,
  /** A line or column of an annotation: GitHub's numbers there are signed, of 32 bits. */
  lineNumberMax: 2 ** 31 - 1,
  /** What is looked at of one line of a log: a remark stands at its beginning, the rest may be a minified file. */
  annotationLineCharactersMax: 2_000,
  /** Documents (JSON, XML) in one log: it holds a few, a hostile one may hold the beginnings of many. */
  logDocumentsMax: 20,
  /** Names of a path that are compared with those of the tree; deeper ones are no repository's. */
  annotationPathDepthMax: 64,
  /** Message of one annotation; GitHub takes 64 KB. */
  annotationMessageBytesMax: 64_000,
  /** Threads of a pull request that are looked through for those of our findings: ten requests. */
  findingThreadsMax: 1_000,
  /** Line comments of one review; the rest goes into its body. */
  reviewCommentsMax: 50,
  /** What an attempt reads in all its turns, for a rough price: a small task in a middling repository. */
  estimateTokensIn: 200_000,
  /** What it writes. */
  estimateTokensOut: 10_000,
  /** How often in a row a run goes on by itself although no attempt and no gate ended in between: what kills its runner would again. */
  continuationsMax: 2,
  /** All questions that one answer is for, as the status comment can show them whole. */
  questionsCharactersMax: 1_800,
  /** What still runs when a job hands its run over may end for so long; a quarter of the longest attempt. */
  handOverGraceMs: 15 * 60_000,
  /** Between two looks of a run for what people have ordered meanwhile: a person waits for it, and it costs no request. */
  ordersGapMs: 15_000,
  /** One order is a line. */
  orderBytesMax: 4 * 1024,
  /** A ledger that the App reads over the API to answer a command; the API gives 100 MB, a comment is no place for so much. */
  githubLedgerBytesMax: 24 * 1024 * 1024,
  /** A ledger is read whole into a string (Node holds half a GiB); 256 tasks of ten attempts take about 60 MiB. */
  ledgerBytesMax: 256 * 1024 * 1024,
  /** File systems hold names of 255 bytes. */
  artifactNameCharactersMax: 255,
  /** Rounds of two processes that want the same run at the same moment. */
  lockAttemptsMax: 3,
  /** The shortest pause between those rounds: claiming takes well under a millisecond … */
  lockPauseMsMin: 10,
  /** … and what chance adds to it at most. */
  lockPauseMsMax: 50,
  /** One request to a model. @source docs.claude.com: the Messages API takes 32 MB (2026-11) */
  gatewayBodyBytesMax: 32 * 1024 * 1024,
  /** What is beyond it is no longer read, and thrown away up to here, so that the sender hears why. */
  gatewayBodyDrainBytesMax: 256 * 1024 * 1024,
  /** A picture in a request is weighed as so much text, which is 15,000 tokens: none is counted as more. */
  pictureCharactersMax: 26_000,
  /** Searches of the web that one call is weighed with, where neither a tool nor the request limits them. */
  searchesWeighed: 10,
  /** Codex offers its search with every call: weighed as ten, hardly a call could be paid from a budget of some dollars. */
  searchesWeighedOpenai: 3,
  /** The shortest key that is looked for in answers: a shorter one is no secret that anybody gives out, and stands in words. */
  maskedKeyCharactersMin: 8,
  /** The name of a model; that of a cloud's deployment has a hundred. */
  modelNameCharactersMax: 256,
  /** Tokens of one answer, of any kind: a hundred times the largest context. More is an error or a lie, and counts as nothing told. */
  answerTokensMax: 100_000_000,
  /** Models of an attempt of which the last request is kept, to estimate the next one: a CLI has three or four. */
  measuredModelsMax: 8,
  /** Calls of one attempt that the gateway has under way at once: more than any agent makes, and their requests fit into memory. */
  gatewayCallsMax: 32,
  /** Calls that wait for one of these; what is beyond is told to come back. */
  gatewayQueueMax: 10_000,
  /** Connections that may wait to be taken; the kernel caps it (4096 on Linux). */
  gatewayBacklog: 4096,
  /** An upstream that says nothing for so long is given up; long thinking is announced by pings. */
  gatewaySilenceMs: 10 * 60_000,
  /** Receiving one request of an agent; it comes from this machine. */
  gatewayRequestMs: 5 * 60_000,
  /** A connection of an agent that is kept open for its next request. */
  gatewayKeepAliveMs: 60_000,
  /** A line of a stream, or a whole answer, that is looked into for its report of usage; it is passed on whatever its size. */
  gatewayReportBytesMax: 8 * 1024 * 1024,
  /** The beginning of a service's error in which a reason is looked for. */
  gatewayErrorBytesMax: 16 * 1024,
  /**
   * Calls that fail one after another before their attempt is ended: a program that gives up by itself made 30 at most, others
   * made a thousand in three minutes.
   */
  failedCallsMax: 100,
  /** … or so many of them … */
  failedCallsMin: 5,
  /** … for so long: what is down for ten minutes is told to people. */
  failedCallsMs: 10 * 60_000,
  /** Connections to the gateway at once, of all agents: what one opens without end must leave us files to open. */
  gatewayConnectionsMax: 12_000,
  /** A run's folder without events that is younger may be one that is beginning just now. */
  beginningMs: 10 * 60_000,
  /** So many of the newest runs stay when old ones are removed, where nothing else is said. */
  keptRunsDefault: 5,
  /** What a line of trace or report quotes of a reason: a terminal is rarely wider. */
  traceReasonCharactersMax: 200,
} as const;
