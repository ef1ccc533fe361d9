/** The pieces of `npm run micro`: each does what it says, which it looks at itself, or says why it cannot. */
import { describe, expect, test } from "vitest";
import { pieceId } from "../../../harness/micro/piece.ts";
import { loadPieces } from "../../../harness/micro/pieces.ts";

const pieces = await loadPieces();

test("no two have one name", () => {
  const ids = pieces.map(pieceId);
  expect(new Set(ids).size).toBe(ids.length);
});

describe.each(pieces.map((piece) => ({ id: pieceId(piece), piece })))("$id", ({ piece }) => {
  test("can be made ready, which shows that it does its work, and be called", async ({ skip }) => {
    const obstacle = piece.obstacle();
    if (obstacle !== null) skip(obstacle);
    const prepared = await piece.prepare();
    await prepared.run(piece.calls);
    await prepared.close();
  });
});

test("select cannot watch a thousand descriptors, and says so", () => {
  const select = pieces.find(
    ({ variant, parameters }) => variant === "select" && parameters["descriptors"] === 1000,
  );
  expect(select?.obstacle()).toContain("watches descriptors below 1024 only");
});
