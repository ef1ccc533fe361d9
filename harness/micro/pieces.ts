/** Finds the pieces by reading their folder, so that no list has to be kept. */
import { readdirSync } from "node:fs";
import type { Piece } from "./piece.ts";

const FOLDER = new URL("pieces/", import.meta.url);

/** All of them, by the names of their files. */
export async function loadPieces(): Promise<Piece[]> {
  const files = readdirSync(FOLDER)
    .filter((file) => file.endsWith(".ts"))
    .toSorted();
  const lists = await Promise.all(
    files.map(
      async (file) => ((await import(new URL(file, FOLDER).href)) as { default: readonly Piece[] }).default,
    ),
  );
  return lists.flat();
}
