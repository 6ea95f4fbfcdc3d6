import ipaddr from 'ipaddr.js';

/** The only part of IPv6 that is given out for public use (RFC 4291, IANA's allocation). */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3];

/**
 * Is this the address of a host on the public Internet? No for everything that has a special purpose:
 * private, loopback, link-local, unique-local, shared (CGNAT), multicast, documentation, and the forms of
 * IPv6 that carry an IPv4 address inside, whatever that address is.
 *
 * @param address IPv4 or IPv6 in text form, without brackets. Anything else is not public.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.parse(address);
  if (parsed.range() !== 'unicast') return false;
  return parsed instanceof ipaddr.IPv6 ? parsed.match(globalUnicast) : true;
}
