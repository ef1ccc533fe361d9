/** Commands of GitHub's workflow log, which become one annotation on the change: the verdict, whatever it is. */
import { oneLine } from "../../reports/safe-text.ts";
import type { Verdict } from "../../results/gate.ts";
import type { GateFormat } from "../gate-format.ts";
import { verdictText, whatText } from "../text.ts";

const LEVELS: Record<Verdict, string> = {
  pass: "notice",
  fail: "error",
  inconclusive: "warning",
  environment: "warning",
};

/** As GitHub's own toolkit escapes what follows the two colons. */
function escaped(text: string): string {
  return text.replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A");
}

/** The line of the log that becomes the annotation. */
export function annotation(level: string, message: string): string {
  return `::${level} title=readymark gate::${escaped(message)}\n`;
}

export default {
  name: "github",
  fileName: null,
  render: (record) => {
    const level = record.verdict === null ? "warning" : LEVELS[record.verdict];
    return annotation(level, `${oneLine(verdictText(record))}\n${oneLine(whatText(record))}`);
  },
} satisfies GateFormat;
