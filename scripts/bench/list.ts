/** `readymark bench --list`: everything that can be measured, and why something cannot. */
import type { Scenario, Tier } from "../../harness/contract.ts";
import { discoverFrameworks, discoverScenarios } from "../../harness/plan/discovery.ts";

const MARKS: Record<Tier, string> = { quick: "**", default: "* ", named: "  " };

export async function renderList(): Promise<string> {
  const [frameworks, scenarios] = await Promise.all([discoverFrameworks(), discoverScenarios()]);
  const variants = await Promise.all(
    frameworks.flatMap(({ framework, variants: all }) =>
      all.map(async (variant) => ({ framework, variant, availability: await variant.availability() })),
    ),
  );
  const rows = variants.map(({ framework, variant, availability }) => [
    `${MARKS[variant.tier]} ${framework.name}/${variant.name}`,
    variant.protocols.join(" "),
    availability.available ? availability.version : `unavailable: ${availability.reason}`,
    variant.description,
  ]);
  return [
    "Frameworks (** also with --quick, * by default, others when named)",
    ...align(rows),
    "",
    "Scenarios",
    ...align(
      scenarios.map((scenario) => [
        `${MARKS[scenario.tier]} ${scenario.name}`,
        `${scenario.loop} loop`,
        `${scenario.description}${usually(scenario)}`,
      ]),
    ),
    "",
  ].join("\n");
}

function usually({ usualProtocols }: Scenario): string {
  return usualProtocols === undefined
    ? ""
    : ` (over ${usualProtocols.join(" and ")} unless named, or --full)`;
}

function align(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_cell, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
}
