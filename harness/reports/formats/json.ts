/** The run itself, for tools. It is no file of its own, because run.json is that file. */
import type { Report } from "../report-format.ts";

export default {
  name: "json",
  fileName: null,
  render: (run) => `${JSON.stringify(run, null, 1)}\n`,
} satisfies Report;
