/**
 * The whole command line: each command adds itself, with its options and their defaults.
 *
 * A new command is a file that exports such a function, and an entry below.
 */
import type { Command } from 'commander';
import { VERSION } from '../version.ts';
import { addCheck } from './check/check.ts';
import { addConfig } from './config.ts';
import { addConvert } from './convert.ts';
import { createFrame } from './frame.ts';
import { addGrants } from './grants/grants.ts';
import { endByHangup } from './hangup.ts';
import { addHealthcheck } from './healthcheck/healthcheck.ts';
import { addProbe } from './probe/probe.ts';
import { addRdsToken } from './rds-token.ts';
import { addSchema } from './schema.ts';
import { addSd } from './sd.ts';
import { addServe, SERVE } from './serve/serve.ts';

/** In the order of the help. */
const COMMANDS: readonly ((program: Command) => void)[] = [
  addServe,
  addProbe,
  addCheck,
  addConfig,
  addGrants,
  addSd,
  addSchema,
  addConvert,
  addRdsToken,
  addHealthcheck,
];

/** Builds it; nothing runs before its `parseAsync`. Exit codes: 0 good, 1 failed, 2 usage. */
export function createCommandLine(): Command {
  const program = createFrame().version(VERSION);
  for (const add of COMMANDS) add(program);
  program.hook('preAction', (_program, command) => {
    if (command.name() !== SERVE) endByHangup();
  });
  return program;
}
