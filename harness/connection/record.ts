/** What `readymark connect` showed once, for others to look at: `results/connections.json`. */
import { existsSync, readFileSync } from "node:fs";
import { Type, type Static } from "typebox";
import { outputReader } from "../machine/child-output.ts";
import { replaceFile } from "../results/replace-file.ts";
import { burst, failure, life } from "./connection.ts";

const connectionRecord = Type.Object({
  /** ISO 8601. */
  recordedAt: Type.String(),
  /** The machine and the runtime, in one line. */
  machine: Type.String(),
  /** Connections of which each life is the middle one. */
  connections: Type.Integer({ minimum: 1 }),
  lives: Type.Array(Type.Object({ server: Type.String(), life })),
  failures: Type.Array(failure),
  bursts: Type.Array(burst),
});
export type ConnectionRecord = Static<typeof connectionRecord>;

const read = outputReader(
  "The record of connections",
  connectionRecord,
  "Make it again with: npm run -s readymark -- connect --publish",
);

/** Null without a file. Throws an Error that names the field that is wrong. */
export function readConnections(file: string): ConnectionRecord | null {
  return existsSync(file) ? read(readFileSync(file, "utf8")) : null;
}

export function writeConnections(file: string, record: ConnectionRecord): void {
  replaceFile(file, `${JSON.stringify(record, null, 1)}\n`);
}
