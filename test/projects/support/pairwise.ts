export type Row = Record<string, string>;

/**
 * Rows in which every value of every parameter meets every value of every other one at least once:
 * most faults of combinations are faults of two. Deterministic.
 *
 * @param parameters the values of each
 * @param given rows that are wanted in any case; they come first
 */
export function pairwise(parameters: Record<string, readonly string[]>, given: Row[] = []): Row[] {
  const open = allPairs(parameters);
  const rows = [...given];
  for (const row of rows) cover(open, row);
  for (const [pair] of open) {
    // Covered meanwhile by a row that was made for another pair.
    if (!open.has(pair)) continue;
    const row = complete(JSON.parse(pair) as Row, parameters, open);
    cover(open, row);
    rows.push(row);
  }
  return rows;
}

function allPairs(parameters: Record<string, readonly string[]>): Map<string, Row> {
  const names = Object.keys(parameters);
  const pairs = names.flatMap((first, index) =>
    names
      .slice(index + 1)
      .flatMap((second) =>
        (parameters[first] ?? []).flatMap((one) =>
          (parameters[second] ?? []).map((other) => ({ [first]: one, [second]: other })),
        ),
      ),
  );
  return new Map(pairs.map((pair) => [JSON.stringify(pair), pair]));
}

/** Gives each parameter that is still open the value that covers most pairs. */
function complete(
  start: Row,
  parameters: Record<string, readonly string[]>,
  open: ReadonlyMap<string, Row>,
): Row {
  let row = start;
  for (const [name, values] of Object.entries(parameters)) {
    if (name in row) continue;
    const candidates = values.map((value) => ({ ...row, [name]: value }));
    const gains = candidates.map((candidate) => coveredBy(open, candidate).length);
    row = candidates[gains.indexOf(Math.max(...gains))] ?? row;
  }
  return row;
}

function cover(open: Map<string, Row>, row: Row): void {
  for (const pair of coveredBy(open, row)) open.delete(pair);
}

function coveredBy(open: ReadonlyMap<string, Row>, row: Row): string[] {
  return [...open]
    .filter(([, pair]) => Object.entries(pair).every(([name, value]) => row[name] === value))
    .map(([key]) => key);
}
