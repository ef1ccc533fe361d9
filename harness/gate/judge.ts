/** Looks at all endpoints of a gate as they stand after so many blocks, and says whether that is a verdict. */
import { Failure } from "../failure.ts";
import { PAIRS, type GateCell, type GateEndpoint, type GateRecord, type Pair } from "../results/gate.ts";
import { lookAt, LOOKS, pooledSpread, type Look, type Spread } from "../statistics/sequential.ts";
import { change } from "../units.ts";
import { ENDPOINTS, logMargins } from "./endpoints.ts";
import { verdictOf } from "./verdict.ts";

type Judged = Pick<GateRecord, "cells" | "blocks" | "margins" | "slowdowns">;

/** Fills in the looks of the cells. Throws a Failure when nothing has a value in every block. */
export function judge(record: Judged, look: number): ReturnType<typeof verdictOf> {
  const looksOf = (pair: Pair): { look: Look; endpoint: GateEndpoint; cell: GateCell }[] =>
    record.cells.flatMap((cell) =>
      cell.pairs[pair].flatMap((endpoint) => {
        const isWhole = endpoint.differences.length === record.blocks;
        const margins = logMargins(record.margins, endpoint.id);
        // The head may spread differently from the base, but the controls are the base.
        const known = pair === "head" ? null : spreadIn(cell, endpoint, record.blocks);
        endpoint.look = isWhole ? lookAt(endpoint.differences, look, margins, known) : null;
        return endpoint.look === null ? [] : [{ look: endpoint.look, endpoint, cell }];
      }),
    );
  const [head, again, slowed] = [looksOf("head"), looksOf("base again"), looksOf("base slowed")];
  for (const cell of record.cells)
    cell.notJudged = cell.pairs.head.flatMap((one) => reasonNotJudged(one, record.blocks));
  if (head.length === 0)
    throw new Failure(4, "Nothing could be compared: no endpoint has a value in every block.");
  // What the slowed base surely changes is its own CPU time, and it must do so in every cell.
  const positive = slowed.filter(({ endpoint }) => endpoint.id === "server-cpu").map((one) => one.look);
  return verdictOf({
    endpoints: head.map((one) => one.look),
    negative: again.map((one) => one.look),
    positive: Object.keys(record.slowdowns).length === 0 ? null : positive,
    worst: worstOf(head),
    isLast: look === LOOKS.length - 1,
  });
}

/** How much all differences to the base spread in this endpoint; null when fewer than two of them have all blocks. */
function spreadIn({ pairs }: GateCell, { id }: GateEndpoint, blocks: number): Spread | null {
  const lists = PAIRS.flatMap((pair) => pairs[pair].filter((one) => one.id === id)).map(
    ({ differences }) => differences,
  );
  const isWhole = (values: readonly number[]): boolean => values.length === blocks;
  const whole = lists.filter(isWhole);
  return whole.length < 2 ? null : pooledSpread(whole);
}

/** What came out worse and by how much, for the sentence of a failure. */
function worstOf(looks: readonly { look: Look; endpoint: GateEndpoint; cell: GateCell }[]): string | null {
  const worse = looks.filter(({ look }) => look.outcome === "worse");
  const worst = worse.toSorted((a, b) => b.look.estimate - a.look.estimate)[0];
  if (worst === undefined) return null;
  const { cell, endpoint, look } = worst;
  return `${cell.server}, ${cell.scenario} over ${cell.protocol}: ${ENDPOINTS[endpoint.id].title} ${change(look.estimate)}`;
}

function reasonNotJudged({ id, differences }: GateEndpoint, blocks: number): string[] {
  if (differences.length === blocks) return [];
  return [`${id} has a value in ${differences.length} of ${blocks} blocks only, so it is not judged.`];
}
