// Why a setting of a target cannot be, each as the rest of a sentence that starts with its value;
// undefined where it can. They end up in shell scripts, units and YAML, so they are narrow.

const systemUsers = new Set(
  (
    '_apt adm backup bin caddy certbot daemon dbus docker games gnats halt irc list lp mail man ' +
    'messagebus mysql news nginx nobody nogroup ntp operator polkitd postfix proxy redis root sshd ' +
    'staff sudo sync sys syslog systemd-network systemd-resolve systemd-timesync tss uucp uuidd ' +
    'www-data'
  ).split(' '),
);

/** Folders of the system, and all below them. */
const systemFolders =
  '/bin /boot /dev /etc /lib /lib32 /lib64 /libx32 /lost+found /proc /root /run /sbin /sys /tmp /usr ' +
  '/var/cache /var/lib/dpkg /var/lib/mysql /var/lib/redis /var/lib/systemd /var/log /var/run ' +
  '/var/spool /var/tmp';

/** Folders that hold those of many: what is in them may be the service's, they are not. */
const sharedFolders = '/var/backups /var/lib /var/local /var/mail /var/opt /var/www';

const otherScript = 'is not in ASCII';
const addressReason = 'is an address, and certificates and mails need a host name';

/** What shows that a text is no host name, the plainest first. */
const noHostName: readonly (readonly [pattern: RegExp, reason: string])[] = [
  [/^$/, 'is empty'],
  [/^[a-z][a-z\d+.-]*:\/\//i, 'has a scheme: the host name alone is needed'],
  [/^\[|:.*:/, addressReason],
  [/\//, 'has a path: the host name alone is needed'],
  [/:/, 'has a port: the host name alone is needed'],
  [/\*/, 'has a wildcard: one host name is needed'],
  [/_/, 'has an underscore, which no host name may have'],
  [/[^\p{ASCII}]/u, otherScript],
  [/[^a-z\d.-]/i, 'has characters that no host name may have'],
  [/^[^.]*$/, 'has no dot: a host name such as app.example.com is needed'],
  [/^\.|\.\.|\.$/, 'has a dot too many'],
  [/(?:^|\.)-|-(?:\.|$)/, 'has a part that begins or ends with -'],
  [/[^.]{64}/, 'has a part of more than 63 characters'],
  [/^.{254}/, 'has more than 253 characters'],
  [/\.invalid$/i, 'ends in .invalid, where no host can be (RFC 2606, section 2)'],
  // No top-level domain is a number (RFC 3696, section 2), so this is an address, or meant as one.
  [/\.(?:\d+|0x[\da-f]*)$/i, addressReason],
];

/**
 * A host name of the internet: RFC 1123, section 2.1, and its limits; in ASCII, as punycode where it
 * is another script's (RFC 5891).
 */
export function refuseDomain(domain: string): string | undefined {
  const reason = noHostName.find(([pattern]) => pattern.test(domain))?.[1];
  return reason === otherScript ? reason + inPunycode(domain) : reason;
}

function inPunycode(domain: string): string {
  const ascii = URL.parse(`http://${domain}`)?.hostname ?? '';
  return ascii.includes('xn--') ? `; it is written ${ascii}` : '';
}

/** What useradd takes (useradd(8), NAME_REGEX of Debian), and nobody else has on a server. */
export function refuseUser(user: string): string | undefined {
  if (!/^[a-z_]/.test(user)) return 'does not start with a lower-case letter or _';
  if (/[^a-z\d_-]/.test(user)) {
    return 'has characters other than lower-case letters, digits, _ and -';
  }
  if (user.length > 32) return `has ${user.length} characters, at most 32 fit`;
  return systemUsers.has(user) || user.startsWith('systemd-')
    ? 'is a user of the system, or of another service: give this one its own'
    : undefined;
}

/** A folder that can be the service's own. */
export function refusePath(path: string): string | undefined {
  if (!path.startsWith('/')) return 'is not absolute: it has to start with /';
  if (/\s/.test(path)) return 'has spaces';
  if (/[^\w./-]/.test(path)) return 'has characters other than letters, digits, . _ - and /';
  if (path.length > 200) return `has ${path.length} characters, at most 200 fit`;
  if (path.split('/').some((part) => part === '..' || part === '.')) {
    return 'has . or .. in it: write the folder itself';
  }
  if (path === '/' || path.split('/').length === 2) return `${ofSystem}, not one in it`;
  if (path.includes('//') || path.endsWith('/')) return 'has a / too many';
  // The units do not let the service see it (systemd.exec(5), ProtectHome=).
  if (path.startsWith('/home/')) return 'lies in /home, which the service is not shown';
  const top = systemFolders.split(' ').find((one) => path === one || path.startsWith(`${one}/`));
  if (top !== undefined) return `lies in ${top}, which is the system's`;
  return sharedFolders.split(' ').includes(path) ? `${ofSystem}, not one in it` : undefined;
}

const ofSystem = 'is a folder of the system';

export const instancesLimit = 64;

export function refuseInstances(instances: number): string | undefined {
  return Number.isInteger(instances) && instances >= 1 && instances <= instancesLimit
    ? undefined
    : `is not a whole number from 1 to ${instancesLimit}`;
}

/** A version of Node.js that the backend runs on. */
export function refuseNode(node: string): string | undefined {
  const [, major, , minor] = /^(\d{1,3})(\.(\d{1,3})\.\d{1,3})?$/.exec(node) ?? [];
  if (major === undefined) return 'is no version, such as 24 or 24.11.0';
  const isOld = Number(major) < 24 || (major === '24' && Number(minor ?? 11) < 11);
  return isOld ? 'is too old: 24.11 or later is needed' : undefined;
}

/** The name of an image, in a registry or not (the reference grammar of the OCI distribution spec). */
export function refuseImage(image: string): string | undefined {
  if (/@|:[^/]*$/.test(image)) return 'has a tag or a digest: each release has its own';
  const part = '[a-z\\d]+(?:(?:\\.|_|__|-+)[a-z\\d]+)*';
  const host = '(?:[a-z\\d](?:[a-z\\d.-]*[a-z\\d])?(?::\\d{1,5})?/)?';
  const isName = new RegExp(`^${host}${part}(?:/${part})*$`).test(image);
  return isName && image.length <= 200
    ? undefined
    : 'is no name of an image, such as registry.example.com/team/app';
}
