/** Handlers whose third import fails. Each thread imports them for itself, so a file named by the URL counts. */
import { appendFileSync, readFileSync } from "node:fs";

const file = new URL(import.meta.url).searchParams.get("count")!;
appendFileSync(file, "x");
if (readFileSync(file, "utf8").length === 3) throw new Error("the third one is unwilling");

export default {};
