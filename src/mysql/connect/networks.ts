/**
 * Names that may lead to some networks only: the addresses outside of them are taken out of the resolver's answer, so
 * that what was checked is what is dialled, whatever a name server says next.
 */
import { BlockList, isIPv4 } from 'node:net';
import type { ResolveHost } from './resolver.ts';

/** How many addresses a message names. */
const MAX_NAMED = 3;
/** An IPv4 address as IPv6 has it: it is reached over IPv4. */
const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

/**
 * A resolver that gives addresses in these networks only; without any its answer is a failure.
 *
 * @param networks in CIDR notation, checked
 */
export function resolveWithin(networks: readonly string[], resolve: ResolveHost): ResolveHost {
  const isAllowed = networkCheck(networks);
  return async (host) => {
    const resolved = await resolve(host);
    if (!resolved.ok) return resolved;
    const addresses = resolved.addresses.filter(isAllowed);
    if (addresses.length > 0) return { ...resolved, addresses };
    const named = resolved.addresses.slice(0, MAX_NAMED).join(', ');
    return { ok: false, detail: `${host} leads to ${named}, outside of the networks of its pattern` };
  };
}

/** A network of one family says nothing about addresses of the other: for BlockList alone `::/0` has all of IPv4. */
function networkCheck(networks: readonly string[]): (address: string) => boolean {
  const lists = { ipv4: new BlockList(), ipv6: new BlockList() };
  for (const network of networks) {
    const [first = '', bits] = network.split('/');
    const family = isIPv4(first) ? 'ipv4' : 'ipv6';
    lists[family].addSubnet(first, Number(bits), family);
  }
  return (address) => {
    const [, mapped = address] = MAPPED.exec(address) ?? [];
    const family = isIPv4(mapped) ? 'ipv4' : 'ipv6';
    return lists[family].check(mapped, family);
  };
}
