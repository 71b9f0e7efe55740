/** The agent CLIs that are driven by their own stream; any other is driven by the Agent Client Protocol. */
import { claude } from './claude.ts';
import type { Cli } from './cli.ts';
import { codex } from './codex.ts';
import { copilot } from './copilot.ts';
import { cursor } from './cursor.ts';
import { gemini } from './gemini.ts';
import { opencode } from './opencode.ts';
import { pi } from './pi.ts';
import { qwen } from './qwen.ts';

export const clis: readonly Cli[] = [claude, codex, gemini, qwen, opencode, cursor, copilot, pi];
