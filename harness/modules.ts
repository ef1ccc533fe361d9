/** Finds modules by reading a folder, so that adding one means adding a file, and no list has to be kept. */
import { existsSync, readdirSync } from "node:fs";
import { MODULE_EXTENSION } from "./project.ts";

/** The names of the modules in the folder, without their extension, sorted; none when there is no such folder. */
export function modulesIn(folder: URL): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((file) => file.endsWith(MODULE_EXTENSION))
    .map((file) => file.slice(0, -MODULE_EXTENSION.length))
    .toSorted();
}

/** The address of the module of this name, whether or not it exists. */
export function moduleUrl(folder: URL, name: string): URL {
  return new URL(`${name}${MODULE_EXTENSION}`, folder);
}

/** What the module of this name exports. */
export async function loadModule(folder: URL, name: string): Promise<object> {
  return (await import(moduleUrl(folder, name).href)) as object;
}
