/** One request to the exporter, in clear text or TLS, whichever its port speaks. */
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import type { ListenAddress } from '../serve/listen-address.ts';

// Not by `import`: that reads every export of the module, and some of them load Node's WebSocket and fetch, which is
// more than half of what a health check costs (117 ms of 304, Node 24.22).
const { get } = process.getBuiltinModule('node:http');

/** Less than what a container engine waits. */
const TIMEOUT_MS = 4_000;
/** Answers of a port that is guarded: whoever gives them is alive. */
const ALIVE: ReadonlySet<number | undefined> = new Set([200, 401, 429]);

type Get = (options: RequestOptions, answered: (response: IncomingMessage) => void) => ClientRequest;

/** Undefined when it answers; else what happens in place of it. */
export async function ask(address: ListenAddress, path: string): Promise<string | undefined> {
  const clear = await askBy(get, address, path);
  // A port that speaks TLS closes such a connection without a word.
  if (clear?.isClosed !== true) return clear?.words;
  const secure = process.getBuiltinModule('node:https');
  const encrypted = await askBy(secure.get, address, path);
  // It wants to see a certificate, which it says or shows by closing behind the handshake.
  return encrypted?.isClosed && encrypted.isEncrypted ? undefined : encrypted?.words;
}

interface Failed {
  readonly words: string;
  readonly isClosed: boolean;
  /** Whether there was a handshake, which only a process that is alive can do. */
  readonly isEncrypted: boolean;
}

function askBy(send: Get, address: ListenAddress, path: string): Promise<Failed | undefined> {
  const where =
    'path' in address ? { socketPath: address.path } : { host: hostOf(address.host), port: address.port };
  // This asks whether a process answers, and gives it nothing: no name is verified.
  const options = { ...where, path, timeout: TIMEOUT_MS, agent: false, rejectUnauthorized: false };
  return new Promise((resolve) => {
    let isEncrypted = false;
    const fail = (words: string, code = '') => {
      const isClosed = code === 'ECONNRESET' || code.startsWith('ERR_SSL_');
      resolve({ words, isClosed, isEncrypted });
    };
    const request = send(options, (response) => {
      response.resume();
      const { statusCode } = response;
      if (ALIVE.has(statusCode)) resolve(undefined);
      else fail(`answers ${statusCode}`);
    });
    request.on('socket', (socket) => {
      socket.once('secureConnect', () => {
        isEncrypted = true;
      });
    });
    request.on('timeout', () => request.destroy(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)));
    request.on('error', (error: NodeJS.ErrnoException) => fail(error.message, error.code));
  });
}

/** Whatever it listens on besides, it listens on loopback when it was told no address. */
const hostOf = (host: string): string =>
  host === '' || host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host;
