/** A folder with configuration files for one test, and what the loader says about it. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type LoadResult, loadConfig } from '../../src/config/load.ts';
import { formatDiagnostic } from '../../src/diagnostics/diagnostic.ts';

export interface ConfigFolder {
  readonly path: string;
  readonly result: LoadResult;
  /** Errors and warnings, without the folder's own path. */
  readonly lines: readonly string[];
}

/** Loads `targets.yml` among the files; the folder is gone afterwards. */
export async function load(
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = {},
): Promise<ConfigFolder> {
  const path = mkdtempSync(join(tmpdir(), 'config-test-'));
  try {
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), text, { mode: name.startsWith('secret') ? 0o600 : 0o644 });
    }
    const result = await loadConfig(join(path, 'targets.yml'), env);
    const diagnostics = result.ok ? result.warnings : result.diagnostics;
    return {
      path,
      result,
      lines: diagnostics.map((diagnostic) => formatDiagnostic(diagnostic).replaceAll(`${path}/`, '')),
    };
  } finally {
    rmSync(path, { recursive: true });
  }
}

/** The one target of a configuration that must be good. */
export async function loadTarget(
  files: Readonly<Record<string, string>>,
  env: NodeJS.ProcessEnv = {},
  name = 'a',
) {
  const { result, lines } = await load(files, env);
  const target = result.ok ? result.config.targets.get(name) : undefined;
  if (!target) throw new Error(`no target "${name}":\n${lines.join('\n')}`);
  return target;
}
