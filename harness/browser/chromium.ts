/**
 * Chromium as tests and screenshots drive it: without a window, alone on this machine.
 */
import { join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';
import { debianSource, unpackedPackages } from '../debian-packages.ts';
import { find, type Program } from '../programs.ts';

const findChromium = (): Promise<Program> =>
  find({
    title: 'Chromium',
    variable: 'TEST_CHROMIUM',
    names: ['chromium', 'chromium-browser', 'google-chrome'],
    fits: () => true,
    obtain: async () => {
      // Of the machine's own suite: it starts itself anew by its own path, so no other loader may start it.
      const { suite } = await debianSource();
      const root = await unpackedPackages(suite, ['chromium', 'fonts-dejavu-core', 'fontconfig-config']);
      const path = join(root, 'usr/lib/chromium/chromium');
      return { command: 'env', prefix: [...environmentOf(root), path], path };
    },
    advice: 'install Chromium (Debian: apt install chromium)',
  });

/** The library of PulseAudio finds another one by an absolute path, which is empty on a machine without sound. */
const LIBRARIES = ['usr/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/pulseaudio', 'lib/x86_64-linux-gnu'];

const environmentOf = (root: string): readonly string[] => [
  `LD_LIBRARY_PATH=${LIBRARIES.map((folder) => join(root, folder)).join(':')}`,
  `FONTCONFIG_PATH=${join(root, 'etc/fonts')}`,
];

/** Starts it; the caller closes it. */
export async function startChromium(): Promise<Browser> {
  const { command, path, prefix } = await findChromium();
  const env = prefix.slice(0, -1).map((pair) => pair.split('=', 2) as [string, string]);
  return await chromium.launch({
    executablePath: command === 'env' ? path : command,
    // Root may not use its sandbox; it sees no page but ours.
    chromiumSandbox: false,
    env: { ...process.env, ...Object.fromEntries(env) } as Record<string, string>,
  });
}
