import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { brotliDecompress, brotliDecompressSync } from 'node:zlib';

// More than there is, so that it is done in one go.
const whole = { chunkSize: 2 ** 22 };

/** The archive of templates that lies beside this program. */
export function unpackArchive(): Buffer {
  return brotliDecompressSync(readArchive(), whole);
}

/** The same, unpacked by another thread from now on. */
export function unpackingArchive(): Promise<Buffer> {
  return promisify(brotliDecompress)(readArchive(), whole);
}

function readArchive(): Buffer {
  return readFileSync(new URL('./templates.br', import.meta.url));
}
