/** Programs that judge what is shipped for others: units of systemd, completion for zsh, the manual page. */
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { debianSource, unpackedPackages } from './debian-packages.ts';
import { find, type Program, unpackedProgram } from './programs.ts';

export const findSystemdAnalyze = (): Promise<Program> =>
  find({
    title: 'systemd-analyze',
    variable: 'TEST_SYSTEMD_ANALYZE',
    names: ['systemd-analyze'],
    // `security --offline` and `verify --root` are there since 250.
    fits: (version) => Number.parseInt(version, 10) >= 250,
    obtain: () => ofMachine('systemd', 'bin/systemd-analyze'),
    advice: 'install systemd 250 or later',
  });

export const findZsh = (): Promise<Program> =>
  find({
    title: 'zsh',
    variable: 'TEST_ZSH',
    names: ['zsh'],
    fits: () => true,
    obtain: () => ofMachine('zsh', 'bin/zsh'),
    advice: 'install zsh',
  });

/** The formatter behind `groff` and `man`. */
export const findTroff = (): Promise<Program> =>
  find({
    title: 'troff',
    variable: 'TEST_TROFF',
    names: ['troff'],
    fits: () => true,
    obtain: () => ofMachine('groff-base', 'bin/troff'),
    advice: 'install groff',
  });

/** `path` is below the root or, since trixie, below `usr`. */
async function ofMachine(name: string, path: string): Promise<Omit<Program, 'version'>> {
  const { suite } = await debianSource();
  const root = await unpackedPackages(suite, [name]);
  const isMoved = await access(join(root, 'usr', path)).then(
    () => true,
    () => false,
  );
  return await unpackedProgram(root, isMoved ? join('usr', path) : path);
}
