/** gate.json: the whole record, by the schema results/schema/gate.schema.json. */
import type { GateFormat } from "../gate-format.ts";

export default {
  name: "json",
  fileName: "gate.json",
  render: (record) => `${JSON.stringify(record, null, 1)}\n`,
} satisfies GateFormat;
