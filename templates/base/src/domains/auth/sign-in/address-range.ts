import { isIPv4, isIPv6 } from 'node:net';

/**
 * The range that whoever has this address can usually choose addresses from: an IPv4 address's /24,
 * an IPv6 address's /56. Nothing for what is no address, such as a Unix socket's.
 */
export function addressRange(ip: string): string | undefined {
  const address = ip.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '');
  if (isIPv4(address)) return `${address.split('.').slice(0, 3).join('.')}.0/24`;
  if (!isIPv6(address)) return undefined;
  const [first = 0, second = 0, third = 0, fourth = 0] = groupsOf(address);
  const bytes = [first, second, third, fourth & 0xff00];
  return `${bytes.map((group) => group.toString(16)).join(':')}::/56`;
}

/** The eight groups of an IPv6 address (RFC 4291, section 2.2). */
function groupsOf(address: string): number[] {
  const [head = '', tail] = address.replace(/[\d.]+\.\d+$/, '0:0').split('::');
  const [left, right] = [head, tail ?? ''].map((part) => (part === '' ? [] : part.split(':')));
  const missing = 8 - (left?.length ?? 0) - (right?.length ?? 0);
  const zeros = Array.from({ length: missing }, () => '0');
  return [...(left ?? []), ...zeros, ...(right ?? [])].map((group) => Number.parseInt(group, 16));
}
