/**
 * Ports for servers on this machine.
 */
import { createServer } from 'node:net';

/**
 * Below the range from which Linux takes the local ports of outgoing connections (32768 to 60999). There a
 * client could be given the port of a server that is down at the moment, or even connect to itself.
 */
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** A port that is free on all addresses. Random, so that parallel processes rarely choose the same. */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST));
    if (await isFree(port)) return port;
  }
  throw new Error(`no free port between ${LOWEST} and ${HIGHEST}`);
}

/** The preferred port, or another one when it is taken. */
export async function preferredPort(port: number): Promise<number> {
  return (await isFree(port)) ? port : await freePort();
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  return await new Promise((resolve) => {
    server.once('error', () => resolve(false));
    server.listen({ port, host: '0.0.0.0', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
