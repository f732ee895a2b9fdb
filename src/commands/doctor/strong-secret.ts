// The rule by which a project itself takes a secret, in its src/platform/strong-secret.ts.

/** RFC 7518, section 3.2: a key for HS256 has at least as many bits as the hash. */
const secretBytes = 32;

/**
 * Whether a secret in base64url can be what a machine drew, rather than what a person made up: a
 * placeholder, a phrase, a row of keys. One that was drawn is refused once in ten million times.
 */
export function isStrong(secret: string): boolean {
  const raw = Buffer.from(secret, 'base64url');
  return (
    /^[\w-]+$/.test(secret) &&
    raw.length >= secretBytes &&
    new Set(raw).size >= secretBytes / 2 &&
    hasBothCases(secret) &&
    !isRow(secret) &&
    !/change.?me|example|placeholder|password|replace|secret/i.test(secret)
  );
}

/** What is typed keeps to one case; so does hexadecimal, which a machine may have drawn too. */
function hasBothCases(secret: string): boolean {
  return /[A-Z].*[a-z]|[a-z].*[A-Z]/.test(secret) || /^[\da-f]+$/i.test(secret);
}

/** Whether most characters are the one before again, or the next in the alphabet. */
function isRow(secret: string): boolean {
  const neighbours = Array.from(secret.slice(1), (character, index) =>
    Math.abs(character.charCodeAt(0) - secret.charCodeAt(index)),
  );
  return neighbours.filter((distance) => distance <= 1).length > neighbours.length / 2;
}
