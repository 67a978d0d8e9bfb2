/**
 * Ends a connection that brings more requests at once than anybody sends ahead, before they are parsed: Node.js parses all that
 * one read has brought in one go, sixteen hundred requests or 40 ms, and those of other connections behind it in the same
 * turn.
 */
import type { Socket } from 'node:net';

const LF = 0x0a;
const CR = 0x0d;

/**
 * To be called when the HTTP server has its listeners on the socket.
 *
 * @param close closes the connection
 */
export function limitRequestsAhead(socket: Socket, most: number, close: () => void): void {
  socket.prependListener('data', (bytes: Buffer) => {
    if (!hasMoreHeaders(bytes, most)) return;
    close();
    // The parser gets it all the same, and gives up at the first letter.
    bytes.fill(0);
  });
}

/** Whether more headers than that end in the bytes; the body of a request may look like one. */
function hasMoreHeaders(bytes: Buffer, most: number): boolean {
  let ends = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) {
    const next = bytes[at + 1] === CR ? bytes[at + 2] : bytes[at + 1];
    if (next === LF && ++ends > most) return true;
  }
  return false;
}
