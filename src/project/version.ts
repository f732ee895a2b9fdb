const pattern = /^(\d+)\.(\d+)\.(\d+)(?:-([0-9A-Za-z.-]+))?$/;

/** Whether the text is a version as npm knows it (`1.2.3`, `1.2.3-rc.1`). */
export function isVersion(text: string): boolean {
  return pattern.test(text);
}

/** Whether `a` comes after `b`; a prerelease comes before its release. */
export function isNewer(a: string, b: string): boolean {
  const [left, right] = [partsOf(a), partsOf(b)];
  for (const [index, number] of left.numbers.entries()) {
    const other = right.numbers[index] ?? 0;
    if (number !== other) return number > other;
  }
  if (left.prerelease === '' || right.prerelease === '') {
    return left.prerelease === '' && right.prerelease !== '';
  }
  return left.prerelease.localeCompare(right.prerelease, 'en', { numeric: true }) > 0;
}

function partsOf(version: string): { numbers: number[]; prerelease: string } {
  const [, major, minor, patch, prerelease] = pattern.exec(version) ?? [];
  return { numbers: [major, minor, patch].map(Number), prerelease: prerelease ?? '' };
}
