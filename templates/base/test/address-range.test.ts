import { expect, test } from 'vitest';
import { addressRange } from '#app/domains/auth/sign-in/address-range.ts';

test.for([
  ['203.0.113.7', '203.0.113.0/24'],
  ['::ffff:203.0.113.7', '203.0.113.0/24'],
  ['2001:db8:1:2a3b:4:5:6:7', '2001:db8:1:2a00::/56'],
  ['2001:db8:1:2aff::1', '2001:db8:1:2a00::/56'],
  ['2001:DB8::1', '2001:db8:0:0::/56'],
  ['::1', '0:0:0:0::/56'],
  ['::', '0:0:0:0::/56'],
  ['fe80::1%eth0', 'fe80:0:0:0::/56'],
  ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/56'],
  ['1:2:3:4:5:6:192.0.2.33', '1:2:3:0::/56'],
] as const)('%s is in %s', ([ip, range]) => {
  expect(addressRange(ip)).toBe(range);
});

test.for(['', 'unknown', '203.0.113', '203.0.113.7, 10.0.0.1', ':::'])(
  '“%s” is no address and in no range',
  (ip) => {
    expect(addressRange(ip)).toBeUndefined();
  },
);
