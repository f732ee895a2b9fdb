import { describe, expect, test } from 'vitest';
import { parseAnswers } from '../../src/catalog/answers.ts';
import { deploymentOf, targetsOf } from '../../src/catalog/deploy/deployment.ts';

const inFile = (path: string) => `shop.json: ${path}`;
const label = 'a'.repeat(63);

describe('what a target can be told', () => {
  test.each([
    [{ domain: 'app.example.com' }],
    [{ domain: 'xn--mller-kva.de' }],
    [{ domain: '1.example.com' }],
    [{ domain: `${label}.${label}.${label}.${'a'.repeat(57)}.com` }],
    [{ vps: {} }],
    [{ vps: { user: '_shop', path: '/srv/shop', instances: 64, node: '24.11.0', db: 'managed' } }],
    [{ vps: { path: '/var/www/shop' } }],
    [
      {
        domain: 'a.example.com',
        image: { name: 'localhost:5000/team/my_app', node: '26' },
        docker: { instances: 1 },
      },
    ],
    [
      {
        domain: 'a.example.com',
        image: { name: 'app' },
        vps: {},
        docker: { db: 'local' },
        kubernetes: { instances: 3 },
      },
    ],
  ])('%j is kept', (deploy) => {
    expect(parseAnswers({ deploy }, inFile)).toEqual({ deploy });
  });

  test('a domain is kept in lower case', () => {
    const { deploy } = parseAnswers({ deploy: { domain: 'App.Example.COM' } }, inFile);
    expect(deploy).toEqual({ domain: 'app.example.com' });
  });

  test.each([
    ['', 'is empty'],
    ['localhost', 'has no dot'],
    ['https://app.example.com', 'has a scheme'],
    ['app.example.com/admin', 'has a path'],
    ['app.example.com:443', 'has a port'],
    ['*.example.com', 'has a wildcard'],
    ['my_app.example.com', 'has an underscore'],
    ['192.0.2.1', 'is an address'],
    ['0x7f.0x1', 'is an address'],
    ['app.example.invalid', 'ends in .invalid'],
    ['2001:db8::1', 'is an address'],
    ['[2001:db8::1]', 'is an address'],
    ['::1', 'is an address'],
    ['app.example.com.', 'has a dot too many'],
    ['app..example.com', 'has a dot too many'],
    ['-app.example.com', 'has a part that begins or ends with -'],
    ['app-.example.com', 'has a part that begins or ends with -'],
    ['müller.de', 'is not in ASCII; it is written xn--mller-kva.de'],
    ['app .example.com', 'has characters'],
    ['app.example.com\n', 'has characters'],
    ['user@example.com', 'has characters'],
    [`${label}a.com`, 'has a part of more than 63'],
    [`${label}.${label}.${label}.${'a'.repeat(58)}.com`, 'has more than 253'],
  ])('the domain %j is refused', (domain, reason) => {
    expectRefusal({ domain }, 'domain', reason);
  });

  test.each([
    ['', 'does not start'],
    ['Shop', 'does not start'],
    ['1shop', 'does not start'],
    ['-shop', 'does not start'],
    ['shop owner', 'has characters'],
    ['shop$', 'has characters'],
    ['a'.repeat(33), 'has 33 characters'],
    ['root', 'is a user of the system'],
    ['www-data', 'is a user of the system'],
    ['systemd-oom', 'is a user of the system'],
  ])('the user %j is refused', (user, reason) => {
    expectRefusal({ vps: { user } }, 'vps.user', reason);
  });

  test.each([
    ['', 'is not absolute'],
    ['srv/shop', 'is not absolute'],
    ['~/shop', 'is not absolute'],
    ['/srv/my shop', 'has spaces'],
    ['/srv/$HOME', 'has characters'],
    ['/srv/shop%n', 'has characters'],
    ['/srv/../etc/shop', 'has . or ..'],
    ['/srv/./shop', 'has . or ..'],
    ['/srv/shop/', 'has a / too many'],
    ['/srv//shop', 'has a / too many'],
    ['//srv', 'has a / too many'],
    ['/', 'is a folder of the system'],
    ['/srv', 'is a folder of the system'],
    ['/home', 'is a folder of the system'],
    ['/etc', 'is a folder of the system'],
    ['/var/lib', 'is a folder of the system'],
    ['/etc/shop', 'lies in /etc'],
    ['/usr/local/shop', 'lies in /usr'],
    ['/root/shop', 'lies in /root'],
    ['/home/shop/app', 'lies in /home'],
    ['/tmp/shop', 'lies in /tmp'],
    ['/var/lib/mysql/shop', 'lies in /var/lib/mysql'],
    [`/srv/${'a'.repeat(200)}`, 'has 205 characters'],
  ])('the path %j is refused', (path, reason) => {
    expectRefusal({ vps: { path } }, 'vps.path', reason);
  });

  test.each([0, 65, 1.5, -1])('%j instances are refused', (instances) => {
    expectRefusal({ docker: { instances } }, 'docker.instances', 'is not a whole number from 1 to');
  });

  test.each([
    ['22', 'is too old'],
    ['24.10.0', 'is too old'],
    ['v24', 'is no version'],
    ['24.11', 'is no version'],
    ['lts', 'is no version'],
    ['24; rm', 'is no version'],
  ])('Node %j is refused', (node, reason) => {
    expectRefusal({ image: { node } }, 'image.node', reason);
  });

  test.each([
    ['registry.example.com/app:1', 'has a tag'],
    [`app@sha256:${'0'.repeat(64)}`, 'has a tag'],
    ['Registry/App', 'is no name of an image'],
    ['https://registry.example.com/app', 'is no name of an image'],
    ['a b', 'is no name of an image'],
    ['', 'is no name of an image'],
  ])('the image %j is refused', (name, reason) => {
    expectRefusal({ image: { name } }, 'image.name', reason);
  });

  test.each([
    [{ vps: { db: 'remote' } }, 'deploy.vps.db: there is no place "remote"'],
    [{ kubernetes: { db: 'local' } }, 'deploy.kubernetes: unknown field "db"'],
    [{ dokcer: {} }, 'deploy: unknown field "dokcer"; did you mean docker?'],
    [{ vps: { instances: '2' } }, 'deploy.vps.instances: this is not of the type number'],
    [{ vps: true }, 'deploy.vps: '],
    [{ docker: {} }, 'deploy: docker needs a domain'],
    [{ kubernetes: {}, image: { name: 'app' } }, 'deploy: kubernetes needs a domain'],
    [{ domain: 'a.example.com', kubernetes: {} }, 'deploy: kubernetes needs image.name'],
    [
      { domain: 'a.example.com', image: { node: '26' }, docker: {}, kubernetes: {} },
      'deploy: kubernetes needs image.name',
    ],
  ])('%j is refused by the path of the field', (deploy, message) => {
    expect(() => parseAnswers({ deploy }, inFile)).toThrow(`shop.json: ${message}`);
  });
});

describe('a deployment', () => {
  test('that was not told anything is on a server, with defaults and no real domain', () => {
    expect(deploymentOf('shop')).toEqual({
      domain: 'app.example.invalid',
      image: { name: 'shop', node: '24' },
      vps: { user: 'shop', path: '/srv/shop', instances: 2, node: '24', db: 'local' },
    });
    expect(targetsOf({ domain: 'app.example.com' })).toEqual(['vps']);
  });

  test('has the targets that were asked for, and no others', () => {
    const deployment = deploymentOf('shop', { docker: { instances: 3 }, kubernetes: {} });
    expect(deployment).toEqual({
      domain: 'app.example.invalid',
      image: { name: 'shop', node: '24' },
      docker: { instances: 3, db: 'local' },
      kubernetes: { instances: 2 },
    });
    expect(targetsOf({ kubernetes: {}, docker: {} })).toEqual(['docker', 'kubernetes']);
  });

  test('runs as nobody else on the server does, whatever the project is called', () => {
    expect(deploymentOf('backup').vps?.user).toBe('backup-app');
  });
});

function expectRefusal(deploy: object, path: string, reason: string): void {
  const value = path.split('.').reduce<unknown>((at, key) => (at as never)[key], deploy);
  expect(() => parseAnswers({ deploy }, inFile)).toThrow(
    `shop.json: deploy.${path}: "${String(value)}" ${reason}`,
  );
}
