/**
 * What `action.yml` runs: the gate with the inputs of the action, which arrive as environment variables, then the summary of
 * the job and the action's outputs. Its exit code is the job's.
 */
import { appendFileSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../harness/failure.ts";
import { smallestDetectable } from "../harness/gate/text.ts";
import { EXIT_CODES } from "../harness/gate/verdict.ts";
import { annotation } from "../harness/gate/formats/github.ts";
import type { GateRecord } from "../harness/results/gate.ts";
import gate from "./commands/gate.ts";

const [INCONCLUSIVE, CANNOT_TELL] = [EXIT_CODES.inconclusive, EXIT_CODES.environment];

const input = (name: string): string => process.env[`READYMARK_${name}`] ?? "";

function gateArguments(): string[] {
  const options = {
    base: input("BASE"),
    head: input("HEAD"),
    config: input("CONFIG"),
    "max-minutes": input("BUDGET"),
    "min-effect": input("MIN_EFFECT"),
    out: input("OUT"),
    format: "github",
  };
  const given = Object.entries(options).filter(([, value]) => value !== "");
  // In one word each, because a branch may begin with a dash.
  return given.map(([name, value]) => `--${name}=${value}`);
}

/** Adds to one of the files that the runner names in an environment variable; nothing without such a runner. */
function append(variable: string, text: string): void {
  const file = process.env[variable];
  if (file !== undefined && file !== "") appendFileSync(file, text);
}

function publish(
  outputs: { verdict: string; "report-path": string; "min-detectable": string },
  summary: string,
): void {
  append("GITHUB_STEP_SUMMARY", summary);
  append(
    "GITHUB_OUTPUT",
    Object.entries(outputs)
      .map(([name, value]) => `${name}=${value}\n`)
      .join(""),
  );
}

/** Nothing could be measured: the reason is the annotation, and no output claims a verdict. */
function refuse(reason: string, code: number): number {
  process.stdout.write(annotation("error", reason));
  publish(
    { verdict: "", "report-path": "", "min-detectable": "" },
    `**The gate measured nothing.** ${reason}\n`,
  );
  return code;
}

async function main(): Promise<number> {
  const policy = input("ON_INCONCLUSIVE");
  if (policy !== "pass" && policy !== "fail")
    return refuse(`on-inconclusive takes pass or fail, not "${policy}".`, 2);
  const out = input("OUT");
  if (out === "") return refuse("READYMARK_OUT names no folder; action.yml sets it.", 2);
  // Another gate of the same job may have left its record there, which would be taken for this one's.
  rmSync(join(out, "gate.json"), { force: true });
  const code = await gate.run(gateArguments());
  const file = join(out, "gate.json");
  if (!existsSync(file)) return refuse("The gate was stopped before it had a verdict.", code);
  const record = JSON.parse(readFileSync(file, "utf8")) as GateRecord;
  const detectable = smallestDetectable(record);
  publish(
    {
      verdict: record.verdict ?? "",
      "report-path": out,
      "min-detectable": detectable === null ? "" : (detectable * 100).toFixed(2),
    },
    readFileSync(join(out, "gate.md"), "utf8"),
  );
  return policy === "pass" && (code === INCONCLUSIVE || code === CANNOT_TELL) ? 0 : code;
}

try {
  process.exitCode = await main();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  process.exitCode = refuse(error.message, error.exitCode);
}
