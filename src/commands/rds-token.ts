/**
 * `rds-token`: prints a token by which an account of Amazon RDS or Aurora logs in, for `password_command`.
 */
import { type Command, InvalidArgumentError } from 'commander';
import { findCredentials } from '../aws/aws-credentials.ts';
import { rdsToken } from '../aws/rds-token.ts';
import { regionOf } from '../aws/region.ts';
import { complain, writeText } from './printable.ts';

interface RdsTokenFlags {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly region: string | undefined;
}

/** Adds the command. */
export function addRdsToken(program: Command): void {
  program
    .command('rds-token')
    .description('print a login token of Amazon RDS or Aurora, for password_command')
    .requiredOption('--host <name>', 'endpoint of the instance or cluster', notEmpty)
    .requiredOption('--user <name>', 'account with AWSAuthenticationPlugin', notEmpty)
    .option('--port <number>', 'port of the endpoint', portNumber, 3306)
    .option(
      '--region <name>',
      'region of the database; that in the name of the endpoint, AWS_REGION or AWS_DEFAULT_REGION when left out',
    )
    .action(async (flags: RdsTokenFlags) => {
      process.exitCode = await printToken(flags, process.env);
    });
}

async function printToken(flags: RdsTokenFlags, env: NodeJS.ProcessEnv): Promise<number> {
  const region = regionOf(flags.region, flags.host, env);
  if (region === undefined) {
    complain(`${flags.host} has no region in its name: say --region, or set AWS_REGION`);
    return 1;
  }
  const found = await findCredentials(env);
  if (!found.ok) {
    complain(found.detail);
    return 1;
  }
  writeText(`${rdsToken({ ...flags, region }, found.credentials, new Date())}\n`);
  return 0;
}

function notEmpty(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Expected a name.');
  return text;
}

function portNumber(text: string): number {
  const value = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (value < 1 || value > 65_535) throw new InvalidArgumentError('Expected a port from 1 to 65535.');
  return value;
}
