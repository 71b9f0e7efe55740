/**
 * Every rule of the workflow language in a sentence, with the tests that prove it: `file > title`. The files are below test/;
 * a title is the one in the source, with its `%s`. test/hygiene/rules.test.ts holds the list against the tests.
 */

export interface Rule {
  readonly rule: string;
  readonly proof: readonly string[];
}

export interface Chapter {
  readonly title: string;
  readonly rules: readonly Rule[];
}

const rule = (sentence: string, ...proof: readonly string[]): Rule => ({ rule: sentence, proof });

const language = (title: string): string => `workflow/language.test.ts > ${title}`;
const engine = (file: string, title: string): string => `engine/${file}.test.ts > ${title}`;
const runtime = (file: string, title: string): string => `runtime/${file}.test.ts > ${title}`;

export const chapters: readonly Chapter[] = [
  {
    title: '1. The file',
    rules: [
      rule('A file needs a name and steps, at least one.', language('needs a name and at least one step')),
      rule(
        'max_budget is USD, max_timeout a duration, max_tokens a number.',
        language('may limit a run by max_budget in USD, max_timeout as a duration, and max_tokens'),
      ),
      rule(
        'description, inputs and review are accepted with a warning.',
        language('accepts description, inputs and review, each with a warning that it is deprecated'),
      ),
      rule(
        'Every other key is an error with key, place, line, pointer and the nearest known key.',
        language(
          'refuses every other key at every level, with its place, its line, a pointer and the nearest key',
        ),
      ),
      rule(
        'All problems of a file are told in one go.',
        language('is told all its problems in one go, in their order'),
        'workflow/parse.test.ts > %s is told with all its problems, places, lines and hints',
        'cli/validate.test.ts > all problems of all files are told, each file named as given, exit code 2',
      ),
      rule(
        'Nothing is ever silently ignored.',
        language('ignores nothing: a key that is put anywhere is understood or told'),
      ),
      rule(
        '`session: from: x` is understood.',
        language('`session: from: a` means `session: {from: a}`'),
        'workflow/hostile.test.ts > leave block text, quoted text and flow collections alone',
      ),
      rule(
        'Keys indented deeper than `validate` are inputs of that entry.',
        language('keys that are indented deeper than `validate` are the inputs of that entry'),
        'workflow/hostile.test.ts > are understood with comments, blank lines, CRLF and block text among the inputs',
      ),
      rule(
        'A scalar that is one bare placeholder is its text.',
        language('a value that is one bare placeholder is its text'),
      ),
      rule(
        'The spellings are accepted at their real line numbers.',
        language(
          'are told with the lines and columns of the file where something is wrong in them or behind',
        ),
        'workflow/fuzz.test.ts > broken workflow files never throw, never hang and never take 200 MB',
      ),
      rule(
        'The reference workflow is shipped in that spelling, and means the same in strict YAML.',
        'workflow/parse.test.ts > is shipped in the spelling of the documentation, which is not YAML',
        'workflow/parse.test.ts > means the same as its strict spelling, which every YAML parser reads',
        'workflow/parse.test.ts > means what it says',
      ),
    ],
  },
  {
    title: '2. A step',
    rules: [
      rule('A name is unique among its siblings.', language('has a name that is unique among its siblings')),
      rule(
        'A name has letters, digits, `_` and `-`, at most 64 of them; anything else is refused.',
        language('has a name of letters, digits, `_` and `-`, of at most 64 characters'),
        'workflow/contained.test.ts > is refused with its place where its name is %j',
        'workflow/contained.test.ts > is refused where its name is %j',
        runtime('run', 'names of any allowed length work'),
      ),
      rule(
        'GET and RUN keys stand flat or in their block.',
        'workflow/parse.test.ts > may have its keys flat or in blocks, with the same meaning',
      ),
      rule(
        'The same key in both places is an error.',
        language('may not say the same key flat and in its block'),
      ),
      rule(
        'A flat key beside its block is an error.',
        language('may not say a flat key beside the block that it belongs into'),
      ),
      rule(
        'The kind of a step is recognised by its keys.',
        language('is recognised by its keys: a type, only gates, steps, or a called workflow'),
        'workflow/parse.test.ts > with %j is of the kind %s, its tree %s',
      ),
      rule(
        "A code step's result is the diff that its agent made.",
        engine('result', "a code step's result is its commit, whatever the agent says"),
      ),
      rule(
        'A split gives a list of tasks; then each runs once per task.',
        engine('result', 'a split gives tasks'),
        engine('split', 'tasks run in declaration order, each on top of the last'),
      ),
      rule(
        'A validate step gives a verdict, pass or fail with comments.',
        engine('result', 'a positive verdict needs nothing else'),
        engine('gates', 'a standalone validate step passes by its verdict'),
      ),
      rule(
        'A step of gates only judges the tree as it stands.',
        'e2e/local-demo.test.ts > the demo passes from start to end, exit code 0',
        engine('reopen', 'a gate-only step that failed is judged again'),
      ),
      rule(
        "A group's result is that of its children.",
        engine('group', 'children run one after another, each on the tree of the last'),
      ),
      rule(
        "A call's result is the called workflow's state, under the step's name.",
        engine(
          'call',
          "a called workflow's steps run below the calling step, in the same tree, each on top of the last",
        ),
        engine('call', 'after the call, {%s} is %j'),
      ),
      rule(
        'Reserved types are not supported yet, never unknown.',
        language('of the reserved type %s is not supported yet, never unknown'),
      ),
      rule(
        'A prompt is text or a file relative to the workflow file, read once and kept with the run.',
        'workflow/parse.test.ts > takes its prompt from a file, once, and keeps it',
        'playbook/source.test.ts > prompt files are read beside the workflow and never outside of its folder',
        'playbook/snapshot.test.ts > a snapshot gives back every file byte for byte',
      ),
      rule(
        'A context file is a path in the tree; a missing one is a warning.',
        runtime('context', 'a file of the tree is quoted under its path'),
        runtime('context', 'a missing file is a notice, and the prompt goes without it'),
      ),
      rule(
        'Templates are allowed in context files, and lead nowhere else.',
        runtime(
          'context',
          'a rendered path is judged like a written one: %j is not read, and the notice says why',
        ),
        runtime('context', 'a link out of the tree is not followed, one inside is'),
      ),
      rule(
        'A context command runs in the worktree, its stdout is taken, a failure is a warning.',
        runtime('context', 'values in a context command are quoted for the shell'),
        runtime('context', 'a context command that fails is a notice'),
      ),
      rule(
        'The worktree is read-write for code, read-only for split and validate.',
        language(
          'has a tree that code may write, and that split and validate may only read, unless it says otherwise',
        ),
      ),
      rule(
        '`worktree: none` is an empty folder.',
        runtime('rules', '`worktree: none` gives the agent an empty folder, and nothing of it is kept'),
      ),
      rule(
        'Read-only is enforced.',
        runtime('read-only', 'a step that may only read and wrote has failed, with the files named'),
        'e2e/local-failures.test.ts > a step that may only read fails when it writes, whether the write was prevented or only noticed',
        'process/sandbox.test.ts > end with everything read-only that no mount makes writable',
      ),
      rule(
        'An agent is a name or a template.',
        engine('agent', "a step's own agent is launched"),
        engine('agent', 'a template takes the agent of another step'),
      ),
      rule(
        '`pass` launches nothing; gates and retry still apply.',
        engine('agent', 'pass launches nothing, and gates and retry still apply'),
      ),
      rule(
        'A step that names no agent gets the default one; without one it is an error.',
        engine('agent', 'a step that names none gets the default'),
        'plan/build.test.ts > a step without an agent is an error before the run, with its place and what to do',
      ),
      rule(
        'hitl is before_gate (also true) or after_gate.',
        language(
          'pauses for a person before its gates (`before_gate`, also `true`) or behind them (`after_gate`)',
        ),
        engine('hitl', 'before_gate asks before the gates run'),
        engine('hitl', 'after_gate asks behind gates that passed'),
      ),
      rule(
        'Guards are max_turns, max_budget, max_tokens, max_time (alias timeout; both are an error).',
        language(
          'has guards of turns, USD, tokens and time, whose alias is `timeout`; both of them are an error',
        ),
        engine('guard', 'max_tokens counts input and output, and what is exactly allowed is no breach'),
        engine('guard', 'max_budget counts dollars'),
        runtime('limits', 'max_time ends an agent that says nothing'),
      ),
      rule(
        'no_write holds by default for split and validate.',
        language('may write unless it is a split or validates, or `no_write` says otherwise'),
      ),
      rule(
        'max_turns: N is breached when turn N+1 begins.',
        engine('guard', 'max_turns: N is breached when turn N+1 begins, not before'),
      ),
      rule(
        'One breach is one event.',
        engine(
          'guard',
          'a breach is one event, the attempt has failed, its gates are not asked, and a retry follows',
        ),
      ),
    ],
  },
  {
    title: '3. GET: what the agent receives',
    rules: [
      rule(
        'A placeholder is replaced once; a substituted value is never scanned again.',
        'template/render.test.ts > a value arrives byte for byte and is never scanned again',
        runtime(
          'substitution',
          'a spec, and what is made of it on the way through two validators, scanned by none of them',
        ),
        runtime('substitution', 'an output, alone in its prompt, with all its white space'),
        'template/render.test.ts > of one value arrive byte for byte, each time that it is named, and are asked for no more often',
        'template/render.test.ts > of %s are rendered, which in quadratic time would take hours',
      ),
      rule(
        '`{{` and `}}` are literal braces; any other brace is itself.',
        'template/render.test.ts > `{{` and `}}` give literal braces, and every other brace is itself',
        'template/render.test.ts > JSON stays byte for byte, however deep its braces',
      ),
      rule(
        'A line of placeholders that all have no value is dropped; no other line is.',
        'template/render.test.ts > is dropped, and no other line is',
      ),
      rule(
        'A name that can never have a value is an error before the run, with a suggestion.',
        language('that can never have a value there is an error before the run, with a suggestion'),
        'cli/refusals.test.ts > names in templates that can never have a value are refused, each with the nearest',
      ),
      rule(
        'A name that merely has no value yet is empty.',
        language('that merely has no value yet is no problem'),
        engine('values', 'at the first attempt, {%s} has no value'),
      ),
      rule(
        'Every name of the table has its value.',
        engine('values', 'every name of the table has a value: %s'),
        engine('values', 'on a retry, {%s} is %j'),
      ),
      rule(
        '`diff` goes from the start of the step.',
        engine('values', "diff is the step's change so far, from the step's start"),
      ),
      rule(
        '`diff` of a step that changes nothing itself is the change of the run.',
        engine(
          'values',
          'diff of a step that changes nothing itself is what it and its gates judge: the change of the run, not an empty one',
        ),
      ),
      rule(
        '`{step.…}` has the fields of a step that ran before.',
        engine('values', 'a sibling that ran before: {converge.%s} is %j'),
      ),
      rule(
        "A step is found from the inside out: this task's siblings, then each scope around.",
        engine('values', 'an enclosing scope is looked through from the inside out'),
        language(
          'of another step is found from the inside out, and by its full path from anywhere behind it',
        ),
      ),
      rule(
        'A full path always works.',
        engine('values', 'another task is not in scope by its step name, but a full path always works'),
      ),
      rule('`task.…` has a value in each.', language('of the task has a value in the body of a split only')),
      rule(
        'An input of a called workflow is given, else found in the state of the caller, else an error before the run.',
        engine('call', "names that are no input are found in the caller's scope, from the inside out"),
        'workflow/names.test.ts > needs the names that it uses and does not have',
        'playbook/collect.test.ts > the validator of a retry is collected like that of a gate, and what it needs has to be given',
      ),
      rule(
        'Inputs win over every built-in name.',
        engine(
          'values',
          "a validator's inputs win over every built-in name, as templates of the step that it judges",
        ),
        engine('call', 'its inputs are templates of the caller, and win over names of its own'),
      ),
      rule(
        'Around the prompt stands what result is expected and where to put it.',
        engine('prompt', 'split and validate say what result is expected, and where it may be put'),
      ),
      rule(
        "Around the prompt stand the task's files.",
        engine('prompt', 'a code step in a task is told which files it may change'),
      ),
      rule(
        'Around the prompt stands the context.',
        engine('prompt', 'context stands under its titles behind the prompt'),
      ),
      rule(
        'A retry without a prompt of its own is told what was produced, why it failed, and how many attempts remain.',
        engine(
          'prompt',
          'a retry without a prompt of its own says what was produced, why it failed, and how many attempts remain',
        ),
      ),
      rule(
        'What is added is cut to a limit, head and tail kept, by whole lines.',
        engine('prompt', 'long answers and failures are cut in the middle'),
        runtime(
          'context',
          'a context file that is too long is cut in the middle by whole lines, and the cut is told',
        ),
        'template/cut.test.ts > keeps head and tail by whole lines and says what is missing between them',
        'git/workspace.test.ts > differ as a unified diff, cut by whole lines in the middle',
        'cli/config-run.test.ts > what a retry is told of an error is cut to what the configuration says',
      ),
      rule(
        'The prompt does not travel on the command line.',
        'agents/scripted-adapter.test.ts > leaves nothing of the prompt in its arguments or its environment',
        'agents/command.test.ts > reads the prompt from standard input, byte for byte',
      ),
      rule(
        "No file of the user's repository is touched to pass instructions, and nothing of ours is committed.",
        'e2e/playbook/nothing-of-ours.test.ts > %s leaves nothing of ours (%s)',
        "e2e/local-demo.test.ts > the user's branch, index, tree and ignore file are untouched",
      ),
      rule(
        'A split gives an array of {name, description, files?}.',
        engine('result', 'a split gives tasks'),
        engine('result', 'files may be absent'),
        engine('result', 'the task list %s is refused'),
      ),
      rule(
        'A negative verdict needs comments; findings are optional.',
        engine('result', 'a negative verdict without comments is refused: %s'),
        engine('result', 'findings are kept as far as they are well formed'),
      ),
      rule(
        'A result is taken from structured output, else from a file that is fresh for this attempt.',
        runtime('result-file', 'the structured output comes before the file'),
        runtime(
          'result-file',
          'the result is taken from the file where the agent could not give it otherwise',
        ),
      ),
      rule(
        'One fenced block around the JSON is tolerated.',
        engine('result', 'one fenced block is tolerated: %j'),
        engine('result', 'two fenced blocks are no result'),
      ),
      rule(
        'A verdict that was there before the attempt can never be read.',
        runtime('result-file', 'a verdict that was there before the attempt started can never be read'),
      ),
      rule(
        '`[]` is an empty plan: the body runs zero times, with a warning.',
        engine('split', 'an empty plan runs the body zero times and passes'),
        engine('split', 'an empty plan is told as a warning, once'),
      ),
      rule('A session is new by default.', engine('session', 'the first attempt begins a new conversation')),
      rule(
        '`from: step` continues that conversation within the task.',
        engine('session', "from: continues that step's newest session, of the same task"),
      ),
      rule(
        'A retry continues its own last session.',
        engine('session', 'a retry continues its own last session'),
      ),
      rule(
        'Another family is a new session, with a notice.',
        engine('session', 'another family begins a new session, with a notice that names both'),
      ),
      rule(
        'A session that is not found is a notice and a new session, never a failure.',
        engine('session', 'a session that cannot be found is a notice and a new session, never a failure'),
      ),
    ],
  },
  {
    title: '4. RUN',
    rules: [
      rule(
        'An attempt succeeds only with its own success report and exit code 0.',
        'agents/scripted-adapter.test.ts > works in the tree and ends with its own success report',
        'agents/scripted-adapter.test.ts > is no success with %s, and what it spent is known',
      ),
      rule(
        'A crash, a cut-off stream, an error report or a missing result is a failed attempt with its cause.',
        'e2e/local-failures.test.ts > an agent that crashes is a failed attempt with its cause, and is tried again',
        'agents/scripted-adapter.test.ts > is no success with %s',
        'agents/transcripts.test.ts > a line that is no JSON makes it a failure that says so',
      ),
      rule(
        'Turns, tokens, cost, tool calls, files written and the time to the first change come from the stream.',
        runtime(
          'rules',
          'tool calls, files written and the time to the first change come from the agent’s stream and its tree',
        ),
        'agents/transcripts.test.ts > the whole of a plain run is read: turns, tools, last words, tokens',
        engine('evolve', 'a launch is booked by what it reports, cumulatively'),
      ),
      rule(
        'On a breach the whole process group ends, TERM first and then KILL.',
        'process/spawn.test.ts > leaves time to clean up',
        'process/spawn.test.ts > is forced on what does not listen',
        'e2e/local-failures.test.ts > an agent that hangs is ended by max_time, once, and nothing of it is left',
      ),
      rule(
        'On a breach the tree goes back to where the step started, and the attempt has failed.',
        runtime(
          'limits',
          'a breached guard ends the agent, discards its work and goes back to where the step started',
        ),
        runtime(
          'limits',
          'a guard that is breached by the very last report fails the attempt and keeps nothing of it',
        ),
      ),
      rule(
        'On a breach what was spent is booked.',
        engine('guard', 'what an attempt had spent until its breach is booked'),
      ),
      rule(
        'A forbidden write that was tried fails the attempt, prevented or noticed.',
        runtime('read-only', 'a forbidden write that was prevented fails the attempt, too'),
        runtime('read-only', 'a step that may only read and wrote has failed, with the files named'),
      ),
    ],
  },
  {
    title: '5. GATE',
    rules: [
      rule(
        'All gates run, in order, even after one failed.',
        engine('gates', 'all gates run, in order, even after one failed'),
        engine(
          'properties',
          'no gate is skipped after a failed one, and none is judged before the one in front of it',
        ),
      ),
      rule(
        'The verdict is theirs alone.',
        engine('result', "a code step's result is its commit, whatever the agent says"),
      ),
      rule(
        'compile and test pass when the command succeeds; without one they fail and say what to configure.',
        'gates/command.test.ts > passes when the script passes',
        'gates/command.test.ts > `%s` fails without a command and says what to configure',
      ),
      rule(
        'lint and coverage without tool or script are skipped, visibly.',
        'gates/command.test.ts > `lint` is skipped without a command and with a missing tool, and says so',
        'gates/coverage.test.ts > is skipped without a command or a tool, and says so',
        engine('gates', 'a skipped gate does not fail the attempt, and stays visible'),
      ),
      rule(
        'coverage: N needs N percent.',
        'gates/coverage.test.ts > of %s with %s of %s covered: %s',
        'gates/coverage.test.ts > of node --test, %s',
      ),
      rule(
        'schema judges the tasks of a split.',
        'workflow/task-list.test.ts > names every problem of every task',
        'workflow/task-list.test.ts > passes well-formed tasks, tasks without files and an empty plan',
        'workflow/contained.test.ts > is refused where one of its files is %j',
      ),
      rule(
        'touched and untouched match base names without `/`, whole paths with one; `**` crosses folders.',
        'gates/touched.test.ts > %s matches by base name without `/`, by the whole path with one',
        'gates/touched.test.ts > %s: %s → %s',
      ),
      rule(
        'tests_found needs one test, which need not pass.',
        'gates/counts.test.ts > passes with a test that fails',
        'gates/counts.test.ts > fails without a test',
      ),
      rule(
        'bash passes with exit code 0; values in it are shell-quoted.',
        'gates/bash.test.ts > passes with exit code 0, in the tree',
        runtime('substitution', 'reaches the program byte for byte, whatever a shell would make of it'),
      ),
      rule(
        'validate passes when the verdict is pass.',
        engine('gates', "a validator's verdict is its gate's, with comments and findings"),
        engine('gates', 'a validator that crashed is a failed gate with the reason, never a pass'),
      ),
      rule(
        'Commands come from [validation] of gump.toml, else from the project.',
        'gates/command.test.ts > comes before what the project says',
        'gates/detect.test.ts > of %j for %s is %j',
      ),
      rule(
        'The nearest marker above the changed files counts.',
        'gates/command.test.ts > the nearest package above the changed files is judged, in its own folder',
      ),
      rule(
        'Commands are read from the commit that the run started on.',
        'gates/command.test.ts > by changing %s does not help it',
      ),
      rule(
        'Where that commit has no command, that of the attempt is used and every report says so.',
        'gates/command.test.ts > counts where the first commit has no command, and every report says so',
      ),
      rule(
        '`from = "head"` wants that always.',
        'gates/command.test.ts > counts where the first commit wants it by `from = "head"`',
      ),
      rule(
        'A gate is called by its type, a repeated one with _2, _3, or by its name:.',
        language('are called by their type, a repeated one with `_2`, `_3`, and `name:` gives another'),
      ),
      rule(
        'A validator is called by its last segment and by what stands behind its last dash.',
        language(
          'that are validators are called by the last segment of their path, and by what stands behind its last dash',
        ),
      ),
      rule(
        'A short name that two gates share is an error.',
        language('that share a short name cannot be meant by it: that is an error, told with the full names'),
      ),
      rule(
        "A validator runs in its own worktree of the attempt's commit, read-only, and can change nothing.",
        "engine/gates.test.ts > a validator's step stands below its gate, has the number of the attempt that it judges, and judges its commit",
        runtime(
          'read-only',
          'a validator can change nothing: what a step of it writes is in no commit, and fails it',
        ),
        'git/workspace.test.ts > for judging is another one, and says what was changed in it',
      ),
      rule(
        'The coder cannot write its verdict.',
        runtime('result-file', 'a verdict that was there before the attempt started can never be read'),
      ),
      rule(
        "A validator's spending counts.",
        engine('gates', 'what a validator spends is booked to the step that it judges'),
      ),
      rule(
        'What gates leave behind is never committed.',
        runtime(
          'judged-tree',
          'what a gate leaves in the tree is never committed, not by a later step either',
        ),
      ),
    ],
  },
  {
    title: '6. RETRY',
    rules: [
      rule(
        'A list of entries with exactly one condition each.',
        language('is a list of entries with exactly one condition each'),
      ),
      rule(
        'Overrides of matching entries are merged, later ones win, and stay.',
        engine('retry', 'overrides of all matching entries are merged, and later entries win'),
        engine('properties', 'overrides are sticky: a later attempt loses none, except to a later entry'),
      ),
      rule('attempt: N applies from attempt N on.', engine('retry', 'attempt N applies from attempt N on')),
      rule(
        'not: gate.x applies when that gate did not pass last time.',
        engine(
          'retry',
          'not: gate.x applies when that gate did not pass last time, and its overrides stay when it does',
        ),
      ),
      rule(
        'validate: path applies when that validator says pass.',
        engine(
          'conditions',
          'where the validator says pass, the overrides of its entry apply; where it says no, they do not',
        ),
        language('may ask a validator, with inputs, as its condition'),
      ),
      rule(
        'exit: N names the last attempt; it is mandatory and greater than 0.',
        language('needs an `exit` greater than 0'),
        engine('retry', 'exit names the last attempt, and the run ends behind it'),
        engine('properties', 'no attempt starts beyond its exit, counted from the last resume'),
      ),
      rule(
        'Overrides are agent, prompt, session: new and worktree: reset.',
        language('may change agent, prompt, session and worktree, and nothing else'),
      ),
      rule(
        'reset goes to where the step started.',
        engine('reset', 'worktree: reset goes back to where the step started, not to where the run did'),
      ),
      rule(
        'An overriding prompt replaces that of the step where the conversation goes on.',
        engine('prompt', 'an override stands alone where the conversation goes on'),
      ),
      rule(
        'Where the session is new the prompt of the step comes first.',
        engine('prompt', "an override stands behind the step's own prompt where the conversation is new"),
      ),
      rule('Attempt numbers rise strictly.', language('has attempt numbers that rise strictly')),
      rule('An entry behind exit is an error.', language('has no entry behind `exit`')),
      rule('Without retry a failure is final.', engine('retry', 'without a retry list a failure is final')),
      rule(
        'Failed gates, false verdicts, bad results, errors, guards, forbidden writes and files outside the task are retried.',
        engine('retry', '%s is retried'),
      ),
      rule(
        "The run's budget, time and tokens are not retried.",
        engine('budget', 'an exceeded budget is not retried'),
      ),
      rule("A person's no is not retried.", engine('hitl', "a person's no is final: it is not retried")),
      rule(
        'A cancellation is not retried.',
        runtime('stop', 'a stop leaves the attempt open, records why, and repeats at most that one'),
      ),
      rule(
        'On a group, exit starts it again from its beginning, with the error known.',
        language('of a group has one entry, `exit`'),
        engine('group', 'retry starts the group again from its beginning, at most exit times'),
        engine('group', 'a new round knows the error of the one before'),
      ),
      rule(
        'On a split the list belongs to the split itself.',
        engine('split', "the split's own retry asks for a new list; it does not run the tasks again"),
      ),
    ],
  },
  {
    title: '7. SPLIT, PARALLEL, CALLS',
    rules: [
      rule(
        'Tasks run in declaration order in one tree, each on top of the last.',
        engine('split', 'tasks run in declaration order, each on top of the last'),
      ),
      rule(
        "With parallel each task has a worktree of its own from the split's commit.",
        engine('split', 'parallel tasks all start from the commit of the split'),
      ),
      rule(
        'At most max_parallel run at once, four by default.',
        engine('split', 'at most max_parallel (%i) run at once'),
        'hosting/run-settings.test.ts > at most four tasks run at once where nothing else is said',
      ),
      rule(
        "One task's failure never touches another's finished work.",
        engine('split', "one task's failure never touches another's finished work"),
        runtime(
          'side-by-side',
          "a task that fails takes nothing of its siblings' work with it, and leaves nothing of its own",
        ),
      ),
      rule(
        "Branches are merged in declaration order with git's three-way merge.",
        engine('split', 'branches are merged in declaration order, whichever ends first'),
        runtime(
          'side-by-side',
          'changes to one file are merged where they do not touch, in declaration order',
        ),
      ),
      rule(
        'A true conflict fails its task with both sides named, the rest stays merged, and the run says what to do.',
        runtime(
          'side-by-side',
          'a conflict names both sides and the file, the rest stays merged, and a resume does that task again on top',
        ),
      ),
      rule(
        'Parallel tasks share one budget, never overspent by more than the calls in flight.',
        engine(
          'budget',
          'parallel tasks share the one budget, which is not overspent by more than the calls in flight',
        ),
        engine('properties', 'spending never exceeds the budget by more than the calls in flight'),
        'gateway/till.test.ts > never lets calls pass that together cost more than there is, in any order of coming and ending',
      ),
      rule(
        'A change outside task.files fails the attempt; folders include their content.',
        engine(
          'radius',
          "a change outside the task's files fails the attempt before its gates, and names files and radius",
        ),
        engine('radius', 'the radius %s and the path %s'),
      ),
      rule(
        'parallel with steps runs them side by side.',
        engine(
          'branches',
          'the children of a parallel group start from the commit of its round, each in a tree of its own',
        ),
      ),
      rule(
        'Called workflows are found in the project, then the user, then what ships; validators likewise.',
        "playbook/source.test.ts > the project's comes before the user's, and that before what ships",
        'playbook/source.test.ts > validators have a folder of their own, where only paths with that word in front are looked for',
      ),
      rule(
        'A path never leaves those folders.',
        'workflow/contained.test.ts > is refused with its place where its path is %j',
        'workflow/contained.test.ts > holds no workflow and no validator of the name %j',
        'playbook/source.test.ts > a link out of the folder is not followed, be it the file or a folder above it',
      ),
      rule(
        'Cycles are an error before the run.',
        'plan/build.test.ts > a cycle over workflows and validators is an error before the run, with the way round',
      ),
      rule(
        'The state of a called workflow stands under the calling step, in every scope.',
        engine('call', 'after the call, {%s} is %j'),
        engine('call', 'a called workflow calls another, and its state is a key of the state'),
        engine('get', "its state has values in the step's own templates, and behind the step"),
      ),
    ],
  },
  {
    title: '8. Limits, people, recovery',
    rules: [
      rule(
        'Limits interrupt a running agent, at the first report that exceeds.',
        engine('budget', 'the first report that exceeds stops the running agent, not only the next step'),
        engine('budget', 'tokens have a budget too'),
        runtime('limits', "the run's time limit interrupts what is running, and the run ends"),
      ),
      rule(
        'With the gateway, a call that cannot be paid is not made.',
        'gateway/gateway.test.ts > is not forwarded: the agent gets an error of its API, the engine is told',
      ),
      rule(
        'hitl asks at a terminal; elsewhere the run ends as paused and goes on when told to.',
        runtime('person', 'a person at the terminal is asked, and the answer is an event'),
        engine('hitl', 'where nobody is there the run pauses, and nothing has been decided'),
        engine('hitl', 'a paused run goes on with the consent, without another attempt'),
      ),
      rule(
        'End of input is not consent.',
        'e2e/local-stop.test.ts > a run pauses where it is told to, and end of input is no consent',
      ),
      rule(
        'A resume continues any run that did not finish.',
        engine('properties', 'every ended run can be resumed, and ends again'),
        'e2e/lost-runner.test.ts > a runner that vanishes at line ${moment} of the trace loses nothing, and nothing runs twice',
        'e2e/local-resume.test.ts > an engine that is killed again and again loses nothing: ${title}',
      ),
      rule(
        'Finished steps are not repeated; an attempt whose end is in the ledger never runs again.',
        engine(
          'reopen',
          'a resume after a failure repeats no finished step and grants the failed one new attempts',
        ),
        runtime(
          'random',
          'a run that is stopped anywhere and goes on comes to the same end, and repeats no attempt that had ended',
        ),
      ),
      rule(
        'At most the attempt in flight is repeated, and what it had spent is booked.',
        engine(
          'reopen',
          'an attempt in flight when its engine was lost is launched again with the same number, and what it spent stays booked',
        ),
        'e2e/local-resume.test.ts > what a lost attempt had spent is booked, and the trace says what happened',
      ),
      rule(
        'Agents of a killed engine that still live are ended first.',
        'e2e/local-stop.test.ts > without a sandbox a killed engine leaves an agent alive; the resume ends it before anything else runs',
      ),
      rule(
        'A replay starts a new run from the state before a step, tree included.',
        'e2e/local-replay.test.ts > a replay is a new run from the state before the step, and the old run stays as it is',
        'e2e/local-replay.test.ts > the tree is that before the step: a later attempt finds what the earlier one has written',
        engine(
          'replay',
          'the step runs again once, and no step that the copied events have finished runs again',
        ),
      ),
      rule(
        'SIGINT and SIGTERM end children, record the fact and leave a resumable run; exit codes 130 and 143.',
        "e2e/local-stop.test.ts > ${signal} during ${where === 'agent' ? 'an agent' : 'a gate'} ends its children, exit code ${code}, and --resume finishes the run",
      ),
      rule(
        'A paused run exits with 3.',
        'e2e/local-stop.test.ts > a run pauses where it is told to, and end of input is no consent',
      ),
    ],
  },
  {
    title: '9. Ledger',
    rules: [
      rule(
        'It is kept out of git by the exclude file of the repository, never by .gitignore.',
        'git/repository.test.ts > gets our folders excluded once, in a file that is not committed',
      ),
      rule(
        'It is one JSON object a line, with v, seq, ts and type first.',
        'events/codec.test.ts > the head comes first, in the order v, seq, ts, type, step',
        'events/codec.test.ts > any message comes back as it was, and never makes a second line',
      ),
      rule(
        'It is append-only and on disk before the next effect.',
        'ledger/file.test.ts > a batch is one write of all its lines, and append settles only behind the sync that follows',
        runtime('recorder', 'R3: a fact is redacted, then durable, then part of the state, then shown'),
      ),
      rule(
        'Its types have at least the promised fields.',
        runtime(
          'rules',
          'every type of event that the ledger promises is written, with at least the promised fields',
        ),
      ),
      rule(
        'Every event below the run carries the path of its step, without attempt.',
        runtime(
          'rules',
          'every event below the run carries the path of its step, by names, without the attempt',
        ),
      ),
      rule(
        'step_started stands once for each attempt, with the agent in force.',
        engine('properties', 'step_started stands exactly once for each attempt'),
        engine('retry', 'the agent of an override is the one that is launched'),
      ),
      rule(
        'agent_launched stands once for each real launch, validators included.',
        runtime('rules', '`agent_launched` stands once for each launch, those of validators included'),
      ),
      rule(
        'New types are kept by older readers.',
        'events/codec.test.ts > an event of an unknown type is kept, for ledgers of later versions',
      ),
      rule(
        'Beside it stand the snapshot, the spec and the index.',
        'ledger/run-folder.test.ts > a new run has its spec and workflow, and its line in the index',
        'playbook/snapshot.test.ts > what a snapshot holds is what a run is planned from',
      ),
      rule(
        'State is computed from the ledger; there is no second truth.',
        engine('properties', 'the state is the fold of the ledger as it is written and read'),
        engine(
          'evolve',
          'the state behind a run is the fold of its events, whatever was asked of it in between',
        ),
      ),
    ],
  },
  {
    title: '10. The trace',
    rules: [
      rule(
        'It has the documented lines, the path padded to 29 columns.',
        'terminal/trace.test.ts > every line of it stands in the trace, byte for byte and in its order, blank lines included',
        'e2e/local-demo.test.ts > the trace has every form of the reference, the path padded to 29 columns',
      ),
      rule(
        'It is UTF-8, without colour or prefix where it is not a terminal.',
        'terminal/sink.test.ts > without colour the bytes are text and line ends only',
        'cli/output.test.ts > colour is for terminals and for those who force it; NO_COLOR has the last word',
        'e2e/demo.test.ts > prints every line of the documented trace in its form',
      ),
      rule(
        'Lines between are of the same forms.',
        'terminal/trace.test.ts > what stands between are gate lines and the name of the task, and nothing else',
      ),
      rule(
        'Tasks of the only split show under build/ as task-n, their names told once.',
        'terminal/trace.test.ts > the whole trace reads as printed, the task named directly above its first step',
        "plan/build.test.ts > a workflow's only split is shown as build",
        "terminal/trace.test.ts > tasks stand under the split's own name where the plan has no build",
      ),
      rule(
        'Both spellings of a path are understood wherever one is typed.',
        engine('values', 'the shown path {%s} works like the stored one'),
        'report/step-name.test.ts > %s means %s',
      ),
    ],
  },
];
