/** The command line of the exporter that runs on this machine, as /proc has it. */
import { readdir, readFile, realpath } from 'node:fs/promises';
import { resolve } from 'node:path';

/** Its arguments, without the program; undefined when none runs or the system does not tell. */
export async function flagsOfServe(): Promise<readonly string[] | undefined> {
  const script = await pathOf(process.argv[1] ?? '');
  if (script === undefined) return undefined;
  const ids = await readdir('/proc').catch(() => []);
  // In a container the exporter is the first process, or the first behind an init.
  const others = ids
    .filter((id) => /^\d+$/.test(id) && Number(id) !== process.pid)
    .sort((a, b) => Number(a) - Number(b));
  for (const id of others) {
    const args = await argumentsOf(id, script);
    if (args !== undefined && isServe(args)) return args;
  }
  return undefined;
}

/** The arguments behind our script; undefined for another program, and for one that we may not look at. */
async function argumentsOf(id: string, script: string): Promise<readonly string[] | undefined> {
  try {
    const words = (await readFile(`/proc/${id}/cmdline`, 'utf8')).split('\0').slice(0, -1);
    const folder = await realpath(`/proc/${id}/cwd`);
    // Before it there may be options of Node.js.
    for (const [i, word] of words.entries())
      if (word !== '' && (await pathOf(resolve(folder, word))) === script) return words.slice(i + 1);
  } catch {
    // Ended meanwhile, or another user's.
  }
  return undefined;
}

const pathOf = (path: string): Promise<string | undefined> => realpath(path).catch(() => undefined);

const isServe = ([first]: readonly string[]): boolean =>
  first === undefined || first === 'serve' || first.startsWith('-');
