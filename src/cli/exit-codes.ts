/** What the end of a command means to a shell. */
export const exitCodes = {
  pass: 0,
  /** The run failed, or the world did. */
  fail: 1,
  /** Wrong usage or invalid files; nothing was changed. */
  usage: 2,
  /** A person is asked. */
  paused: 3,
  interrupted: 130,
  terminated: 143,
} as const;
