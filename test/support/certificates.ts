/**
 * An authority of the test's own and certificates by it, made with openssl in a temporary folder.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const NEW_KEY = [
  'req',
  '-x509',
  '-newkey',
  'ec',
  '-pkeyopt',
  'ec_paramgen_curve:P-256',
  '-nodes',
  '-days',
  '2',
];

export interface Certificate {
  readonly certFile: string;
  readonly keyFile: string;
  readonly cert: Buffer;
  readonly key: Buffer;
}

export interface Authority extends Certificate {
  /** @param subjectAltName as openssl writes it: `IP:127.0.0.1`, `DNS:db.example` */
  issue(subjectAltName: string): Promise<Certificate>;
  /** Deletes all its files. */
  remove(): Promise<void>;
}

export async function createAuthority(): Promise<Authority> {
  const folder = await mkdtemp(join(tmpdir(), 'certificates-'));
  const make = async (name: string, ...args: readonly string[]): Promise<Certificate> => {
    const certFile = join(folder, `${name}.pem`);
    const keyFile = join(folder, `${name}.key`);
    await run('openssl', [...NEW_KEY, '-keyout', keyFile, '-out', certFile, '-subj', `/CN=${name}`, ...args]);
    return { certFile, keyFile, cert: await readFile(certFile), key: await readFile(keyFile) };
  };
  const own = await make('authority');
  let issued = 0;
  return {
    ...own,
    remove: () => rm(folder, { recursive: true, force: true }),
    issue: (subjectAltName) =>
      make(
        `server${++issued}`,
        ...['-CA', own.certFile, '-CAkey', own.keyFile],
        ...['-addext', `subjectAltName=${subjectAltName}`, '-addext', 'basicConstraints=critical,CA:FALSE'],
      ),
  };
}
