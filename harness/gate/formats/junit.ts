/**
 * gate.junit.xml: what CI systems read test results from. Each endpoint of each cell is a test case, and so is the verdict,
 * for a gate can fail without any of them. What is no failure of the head, an open outcome or a machine that cannot tell, is
 * an error or skipped, so that nobody takes it for a pass.
 */
import { markup, type Markup } from "../../reports/markup.ts";
import type { GateEndpoint, GateRecord } from "../../results/gate.ts";
import { change } from "../../units.ts";
import { ENDPOINTS } from "../endpoints.ts";
import type { GateFormat } from "../gate-format.ts";
import { cellTitle, verdictText } from "../text.ts";

function render(record: GateRecord): string {
  const cases = record.cells.flatMap((cell) =>
    cell.pairs.head.map((endpoint) => ({ name: cellTitle(cell), endpoint })),
  );
  const outcomes = cases.map(({ endpoint }) => endpoint.look?.outcome ?? null);
  const failures =
    outcomes.filter((outcome) => outcome === "worse").length + (record.verdict === "fail" ? 1 : 0);
  const isError = record.verdict !== "pass" && record.verdict !== "fail";
  const skipped = outcomes.filter((outcome) => outcome === null || outcome === "open").length;
  const seconds =
    record.finishedAt === null ? 0 : (Date.parse(record.finishedAt) - Date.parse(record.startedAt)) / 1000;
  const { text } = markup`<testsuites>
<testsuite name="readymark gate" tests="${cases.length + 1}" failures="${failures}" errors="${isError ? 1 : 0}" skipped="${skipped}" time="${seconds}" timestamp="${record.startedAt}">
<testcase classname="readymark gate" name="verdict">${verdictCase(record)}</testcase>
${cases.map(
  ({
    name,
    endpoint,
  }) => markup`<testcase classname="${name}" name="${ENDPOINTS[endpoint.id].title}">${endpointCase(endpoint)}</testcase>
`,
)}</testsuite>
</testsuites>
`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n${text}`;
}

function verdictCase(record: GateRecord): Markup | null {
  if (record.verdict === "pass") return null;
  return record.verdict === "fail"
    ? markup`<failure message="${verdictText(record)}"/>`
    : markup`<error message="${verdictText(record)}"/>`;
}

function endpointCase({ look }: GateEndpoint): Markup | null {
  if (look === null) return markup`<skipped message="It is not judged."/>`;
  const said = `${change(look.estimate)} [${change(look.low)} to ${change(look.high)}] against the base after ${look.count} blocks`;
  if (look.outcome === "worse") return markup`<failure message="${said}"/>`;
  return look.outcome === "open"
    ? markup`<skipped message="${said}, which is neither nothing nor too much"/>`
    : null;
}

export default { name: "junit", fileName: "gate.junit.xml", render } satisfies GateFormat;
