/** Every command, in the order in which help lists them. A new one is a file beside this and a line here. */
import { applyCommand } from './apply.ts';
import type { CommandEntry, CommandGroup } from './command.ts';
import { configCommands } from './config.ts';
import { doctorCommand } from './doctor.ts';
import { gcCommand } from './gc.ts';
import { initCommand } from './init.ts';
import { modelsCommand } from './models.ts';
import { playbookCommands } from './playbook.ts';
import { reportCommand } from './report.ts';
import { runCommand } from './run.ts';
import { statusCommand } from './status.ts';
import { validateCommand } from './validate.ts';

export const commands: readonly (CommandEntry | CommandGroup)[] = [
  runCommand,
  applyCommand,
  statusCommand,
  reportCommand,
  gcCommand,
  validateCommand,
  playbookCommands,
  configCommands,
  modelsCommand,
  doctorCommand,
  initCommand,
];
