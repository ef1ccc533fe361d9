/**
 * Preloaded, so that a process or a thread of a test starts in half the time: it takes TypeScript whose types Node.js
 * stripped before, where loading what strips them costs more than most programs do. The text is the same, to the byte, as
 * the one that Node.js would run. One test of the command line starts it as a user does, without this.
 */
import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { registerHooks, stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const CACHE = join(import.meta.dirname, "..", "node_modules", ".cache", "stripped-types");

function strippedOf(path) {
  const source = readFileSync(path, "utf8");
  const key = createHash("sha256").update(process.version).update("\0").update(source).digest("hex");
  const file = join(CACHE, `${key}.js`);
  try {
    return readFileSync(file, "utf8");
  } catch {
    const stripped = stripTypeScriptTypes(source);
    mkdirSync(CACHE, { recursive: true });
    // Others may do the same at the same time, and must never read half a file.
    const own = `${file}.${process.pid}.${Math.random()}`;
    writeFileSync(own, stripped);
    renameSync(own, file);
    return stripped;
  }
}

registerHooks({
  load: (url, context, next) => {
    const { protocol, pathname } = new URL(url);
    if (protocol !== "file:" || !pathname.endsWith(".ts")) return next(url, context);
    const path = fileURLToPath(new URL(pathname, "file:///"));
    return { format: "module", source: strippedOf(path), shortCircuit: true };
  },
});
