/** Which lines of a command's output tell what failed: of node:test, TAP, vitest, jest, mocha, tsc, go, cargo, pytest, javac, linters, shells. Pure. */

/** True where the line names a failing test or the place of a compile error: of many failures, each has such a line. */
export function isNaming(line: string): boolean {
  return names.some((pattern) => pattern.test(line));
}

/** True where the line belongs to a failure at all; what stands around it tells more. */
export function isFailing(line: string): boolean {
  return (failure.test(line) || isNaming(line)) && !success.test(line);
}

/** Lines around a failing one that are kept with it: what precedes names it, what follows is expected and actual. */
export const around = { before: 1, behind: 16 } as const;

const success = /^\s*(ok\b|✓|✔|√|PASS(ED)?\b|--- PASS|\[ {7}OK)/;

const failure =
  /[✖✗✘✕×❯●]|\bFAIL(ED|URE|URES)?\b|\bpanic(ked)?\b|\b\w*(Error|Exception)\b|\berror(\[\w+\])?[: ]|^E\s|\bAssert|\bassert|\bexpected\b|\bgot[: ]|\bTraceback\b|_test\.go:\d+|\bnot found\b|\bNo such file\b|\bERROR\b|\bfatal\b/;

const names: readonly RegExp[] = [
  // TAP, node:test, vitest, jest, ava
  /^\s*not ok \d/,
  /^\s*[✖✗✘✕×●] \S/,
  /^\s*FAIL\s+\S/,
  // mocha, mix: "  1) adds two numbers"
  /^\s{0,8}\d+\) \S/,
  // go
  /^\s*--- FAIL: /,
  // pytest, unittest
  /^(FAILED|ERROR) \S+::/,
  /^(FAIL|ERROR): \w+ \(/,
  // cargo
  /^test .* \.\.\. FAILED$/,
  /^---- .* stdout ----$/,
  // surefire, gradle, dotnet
  /<<< (FAILURE|ERROR)!/,
  /^\[ERROR\] +\S+[.:]\S+:\d+/,
  /^\S+ > .* FAILED$/,
  /^\s*Failed \S+ \[/,
  // compilers and linters: path:line:column, path(line,column), rustc's arrow, Python's File
  /^\s*\.?[\w@/\\+-][\w@./\\+-]*:\d+:\d+:? /,
  /^\S+\(\d+,\d+\): (error|fatal)/,
  /^\s*--> \S+:\d+:\d+$/,
  /^error(\[\w+\])?: /,
  /^\S+\.(java|kt|scala):\d+: error/,
  /^\[ERROR\] \S+:\[\d+,\d+\]/,
  /^(\*{3})? *File ".+", line \d+/,
];
