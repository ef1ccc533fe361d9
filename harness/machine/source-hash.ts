/** A fingerprint of the code that measures and is measured, also of what no commit has yet. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { CODE_ROOT, MODULE_EXTENSION } from "../project.ts";

const ROOMS = ["frameworks", "harness", "native", "protocols", "reactor", "scenarios"];

/** SHA-256, hex, of the names and the content of all modules. */
export function sourceHash(): string {
  const hash = createHash("sha256");
  for (const room of ROOMS) {
    const names = readdirSync(join(CODE_ROOT, room), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((one) => one.endsWith(MODULE_EXTENSION)).toSorted())
      hash.update(`${room}/${name}\n`).update(readFileSync(join(CODE_ROOT, room, name)));
  }
  return hash.digest("hex");
}
