/** Networks as people write them, in CIDR notation: `10.0.0.0/8`, `fd00::/8`, or one address. */
import { isIPv4, isIPv6 } from 'node:net';
import { type Parsed, parsed, refused } from '../../diagnostics/parsed.ts';

const FORM = 'expected a network such as 10.0.0.0/8 or fd00::/8, or an address';

/** The network as `address/bits`. */
export function parseNetwork(text: string): Parsed<string> {
  const [, address = '', bits] = /^([0-9a-fA-F:.]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const longest = isIPv4(address) ? 32 : isIPv6(address) ? 128 : undefined;
  if (longest === undefined) return refused(FORM);
  const prefix = bits === undefined ? longest : Number(bits);
  if (prefix > longest) return refused(`${FORM}; the number behind the slash is at most ${longest}`);
  return parsed(`${address}/${prefix}`);
}
