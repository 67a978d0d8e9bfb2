/**
 * Where in a recorded conversation the bytes are that a fault may strike: what a server said, byte by byte.
 *
 * https://dev.mysql.com/doc/dev/mysql-server/latest/page_protocol_basic_packets.html
 */

export interface Place {
  /** From the first byte of the connection on. */
  readonly at: number;
  /** Whether a change there has to be noticed at once: others may do no harm, such as to a number of warnings. */
  readonly isFelt: boolean;
}

interface Packet {
  readonly start: number;
  readonly payload: Buffer;
}

const HEADER_BYTES = 4;
const MARKER_OK = 0x00;
const MARKER_EOF = 0xfe;
const RECORD_HEADER_BYTES = 5;
const APPLICATION_DATA = 23;

/**
 * The structure of a conversation in clear text: the header of the greeting, and of the answers to statements every
 * byte that is no content of a cell.
 *
 * Not the rest of the login: damaged it is a refused one, after which the account is left alone for a while.
 */
export function structureOf(heard: Buffer): readonly Place[] {
  const places: Place[] = [];
  let answering = false;
  let last = 0;
  let reading: 'answer' | 'columns' | 'rows' = 'answer';
  for (const { payload, start } of packetsOf(heard)) {
    const marker = payload[0];
    if (answering || start === 0)
      for (let at = start; at < start + HEADER_BYTES; at++) places.push({ at, isFelt: true });
    if (!answering) {
      answering = marker === MARKER_OK; // with which every login ends
      continue;
    }
    const isEof = marker === MARKER_EOF && payload.length < 9;
    const isRow = reading === 'rows' && !isEof;
    const contents = isRow ? contentsOf(payload) : new Set<number>();
    for (let at = 0; at < payload.length; at++)
      if (!contents.has(at)) places.push({ at: start + HEADER_BYTES + at, isFelt: isRow });
    if (isEof) reading = reading === 'columns' ? 'rows' : 'answer';
    else if (reading === 'answer' && marker !== MARKER_OK) reading = 'columns';
    last = start;
  }
  // What is wrong with the length of the last packet shows with the answer to the next statement only.
  return places.map((place) => (place.at >= last ? { ...place, isFelt: false } : place));
}

/** All bytes behind the greeting of a connection inside TLS. */
export function encryptedBytes(heard: Buffer): readonly Place[] {
  const [greeting] = packetsOf(heard);
  const begin = HEADER_BYTES + (greeting?.payload.length ?? 0);
  let encryptedFrom = begin;
  // The first records are in clear text, and one of them is sent for old firewalls alone (RFC 8446, D.4).
  while (heard[encryptedFrom] !== undefined && heard[encryptedFrom] !== APPLICATION_DATA)
    encryptedFrom += RECORD_HEADER_BYTES + heard.readUInt16BE(encryptedFrom + 3);
  const places: Place[] = [];
  for (let at = begin; at < heard.length; at++) places.push({ at, isFelt: at >= encryptedFrom });
  return places;
}

function* packetsOf(heard: Buffer): Generator<Packet> {
  for (let start = 0; start + HEADER_BYTES <= heard.length; ) {
    const end = start + HEADER_BYTES + heard.readUIntLE(start, 3);
    yield { start, payload: heard.subarray(start + HEADER_BYTES, end) };
    start = end;
  }
}

/** Offsets of what is in the cells of a row, all of them shorter than 251 bytes. */
function contentsOf(payload: Buffer): ReadonlySet<number> {
  const contents = new Set<number>();
  for (let at = 0; at < payload.length; ) {
    const end = at + 1 + (payload[at] ?? 0);
    for (let inside = at + 1; inside < end; inside++) contents.add(inside);
    at = end;
  }
  return contents;
}
