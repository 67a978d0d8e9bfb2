/**
 * `check`: everything that can be said about the configuration without a server, for people or for machines.
 *
 * With a target also what its server says: check-target.ts.
 */
import type { Config } from '../config/config.ts';
import { type Finding, formatFinding } from '../config/finding.ts';
import { loadConfig } from '../config/load.ts';
import { checkTarget } from './check-target.ts';
import { filesText } from './config-files.ts';
import { counted } from './printable.ts';
import type { ConfigOptions } from './program.ts';

export interface CheckOptions extends ConfigOptions {
  readonly format: 'text' | 'json';
  /** Also ask the server of this target. */
  readonly target: string | undefined;
}

/** Prints the findings on standard output; returns the exit code, 1 when there is an error. */
export async function check(options: CheckOptions): Promise<number> {
  const loaded = await loadConfig(options.files, process.env);
  const findings = loaded.ok ? loaded.warnings : loaded.findings;
  if (options.format === 'json') {
    process.stdout.write(`${JSON.stringify(findings, undefined, 2)}\n`);
  } else {
    for (const finding of findings) process.stdout.write(`${formatFinding(finding)}\n`);
    const config = loaded.ok ? loaded.config : undefined;
    process.stdout.write(`${filesText(options.files)}: ${summary(findings, config)}\n`);
  }
  if (!loaded.ok) return 1;
  return options.target === undefined ? 0 : await checkTarget(options.target, loaded.config, options);
}

function summary(findings: readonly Finding[], config: Config | undefined): string {
  const errors = findings.filter(({ severity }) => severity === 'error').length;
  const found = [counted(errors, 'error'), counted(findings.length - errors, 'warning')];
  return config === undefined
    ? found.join(', ')
    : [counted(config.targets.size, 'target'), counted(config.querySets.size, 'query set'), ...found].join(
        ', ',
      );
}
