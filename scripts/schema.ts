/** `npm run schema`: writes the published JSON Schema, which follows from the definitions in harness/results. */
import { join } from "node:path";
import { PROJECT_ROOT } from "../harness/project.ts";
import { replaceFile } from "../harness/results/replace-file.ts";
import { runSchema } from "../harness/results/schema.ts";

const FILE = join(PROJECT_ROOT, "results", "schema", "run.schema.json");

replaceFile(FILE, `${JSON.stringify(runSchema(), null, 2)}\n`);
process.stdout.write(`readymark: wrote ${FILE}\n`);
