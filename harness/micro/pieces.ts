/** Finds the pieces by reading their folder, so that no list has to be kept. */
import { loadModule, modulesIn } from "../modules.ts";
import type { Piece } from "./piece.ts";

const FOLDER = new URL("pieces/", import.meta.url);

/** All of them, by the names of their files. */
export async function loadPieces(): Promise<Piece[]> {
  const modules = await Promise.all(modulesIn(FOLDER).map((name) => loadModule(FOLDER, name)));
  return (modules as { default: readonly Piece[] }[]).flatMap((module) => module.default);
}
