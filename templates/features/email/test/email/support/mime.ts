// A mail of several forms as it came over the wire, as far as tests look at it.

export interface Part {
  /** `text/plain` */
  readonly type: string;
  readonly content: string;
}

/** The parts of a `multipart/alternative`, in their order, decoded. */
export function partsOf(source: string): Part[] {
  const [, boundary = ''] = /boundary="([^"]+)"/.exec(source) ?? [];
  return source
    .split(`--${boundary}`)
    .slice(1, -1)
    .map((part) => {
      const [head = '', body = ''] = part.trimStart().split(/\r\n\r\n(.*)/s);
      const [, type = ''] = /^content-type: ([^;\s]+)/im.exec(head) ?? [];
      const [, encoding = '7bit'] = /^content-transfer-encoding: (\S+)/im.exec(head) ?? [];
      return { type, content: decode(body, encoding).replaceAll('\r\n', '\n').trim() };
    });
}

function decode(body: string, encoding: string): string {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding !== 'quoted-printable') return body;
  const bytes = body
    .replaceAll('=\r\n', '')
    .replaceAll(/=([\dA-F]{2})/g, (_, code: string) =>
      String.fromCodePoint(Number.parseInt(code, 16)),
    );
  return Buffer.from(bytes, 'latin1').toString();
}
