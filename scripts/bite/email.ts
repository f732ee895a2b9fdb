// The guards of mails.
import type { Guard } from './guards.ts';

const domain = 'src/domains/email/webhooks';
const platform = 'src/platform/email';
const tests = 'test/email';

export const emailGuards: readonly Guard[] = [
  {
    name: 'an event about a mail is signed',
    file: `${domain}/signature.ts`,
    find: 'return isSigned ? id : undefined;',
    replace: 'return isSigned ? id : id;',
    test: `${tests}/events.test.ts`,
    title: 'is refused, and changes nothing',
  },
  {
    name: 'an event about a mail was signed just now',
    file: `${domain}/signature.ts`,
    find: '  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > tolerance) return undefined;\n',
    replace: '',
    test: `${tests}/events.test.ts`,
    title: 'signed %s: is refused',
  },
  {
    name: 'an event about a mail counts once',
    file: `${domain}/receive.ts`,
    find: "    if (!(await takeOnce(tx, id))) return 'duplicate';\n",
    replace: '',
    test: `${tests}/events.test.ts`,
    title: 'an event counts once',
  },
  {
    name: 'what happened before an address was allowed again does not count',
    file: `${platform}/suppressions.ts`,
    find: '  if (happenedAt !== undefined && happenedAt <= allowedAt) return false;\n',
    replace: '',
    test: `${tests}/events.test.ts`,
    title: 'what comes late, of a time before',
  },
  {
    name: 'a suppressed address gets no mail',
    file: `${platform}/email.ts`,
    find: 'if (suppression !== undefined) {',
    replace: "if (suppression?.address === '') {",
    test: `${tests}/delivery.test.ts`,
    title: 'gets nothing: the delivery is done',
  },
];
