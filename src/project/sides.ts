// Texts that git left with conflict markers, taken apart again.

export interface Sides {
  readonly ours: string;
  readonly theirs: string;
}

/** Whether git left a conflict in the text. */
export function hasMarkers(text: string): boolean {
  return /^<<<<<<< /m.test(text) && /^>>>>>>> /m.test(text);
}

/** The two texts of which a text with markers is made; a text without is both. */
export function sidesOf(text: string): Sides {
  const sides = { ours: [] as string[], theirs: [] as string[] };
  let side: 'both' | 'ours' | 'base' | 'theirs' = 'both';
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    if (line.startsWith('<<<<<<< ')) side = 'ours';
    else if (side === 'ours' && line.startsWith('|||||||')) side = 'base';
    else if ((side === 'ours' || side === 'base') && line === '=======') side = 'theirs';
    else if (side === 'theirs' && line.startsWith('>>>>>>> ')) side = 'both';
    else {
      if (side === 'both' || side === 'ours') sides.ours.push(line);
      if (side === 'both' || side === 'theirs') sides.theirs.push(line);
    }
  }
  return { ours: sides.ours.join('\n'), theirs: sides.theirs.join('\n') };
}
