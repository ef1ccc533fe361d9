/** Replaces a file in one step, so that a kill or a full disk at any moment leaves the last complete one. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Throws the system's error; what was there before is then untouched and nothing is left beside it. */
export function replaceFile(file: string, content: string | Uint8Array): void {
  // One run per machine means one writer. A fixed name is written over by the next one should this one be killed.
  const temporary = join(dirname(file), `.${basename(file)}.tmp`);
  try {
    const descriptor = openSync(temporary, "w");
    try {
      writeFileSync(descriptor, content);
      fsyncSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}
