/**
 * What `action.yml` runs: the gate with the inputs of the action, which arrive as environment variables, then the summary of
 * the job and the action's outputs. Its exit code is the job's.
 */
import { spawn } from "node:child_process";
import { appendFileSync, existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { smallestDetectable } from "../harness/gate/text.ts";
import { EXIT_CODES } from "../harness/gate/verdict.ts";
import { PROJECT_ROOT } from "../harness/project.ts";
import type { GateRecord } from "../harness/results/gate.ts";

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
  return ["gate", ...given.map(([name, value]) => `--${name}=${value}`)];
}

/** The exit code of the gate, which prints the annotation itself. */
function runGate(): Promise<number> {
  const program = join(PROJECT_ROOT, "scripts", "readymark.ts");
  const gate = spawn(process.execPath, [...process.execArgv, program, ...gateArguments()], {
    stdio: "inherit",
  });
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => gate.kill(signal));
  return new Promise((resolve, reject) => {
    gate.once("error", reject);
    gate.once("close", (code) => resolve(code ?? 1));
  });
}

/** Adds to one of the files that the runner names in an environment variable; nothing without such a runner. */
function append(variable: string, text: string): void {
  const file = process.env[variable];
  if (file !== undefined && file !== "") appendFileSync(file, text);
}

async function main(): Promise<number> {
  const policy = input("ON_INCONCLUSIVE");
  if (policy !== "pass" && policy !== "fail") {
    process.stdout.write(
      `::error title=readymark gate::on-inconclusive takes pass or fail, not "${policy}".\n`,
    );
    return 2;
  }
  const code = await runGate();
  const record = join(input("OUT"), "gate.json");
  if (!existsSync(record)) {
    const message = "Nothing could be measured; the log of this step says why.";
    process.stdout.write(`::error title=readymark gate::${message}\n`);
    append("GITHUB_STEP_SUMMARY", `**${message}**\n`);
    append("GITHUB_OUTPUT", "verdict=\nreport-path=\nmin-detectable=\n");
    return code === 0 ? 1 : code;
  }
  const gate = JSON.parse(readFileSync(record, "utf8")) as GateRecord;
  const detectable = smallestDetectable(gate);
  append("GITHUB_STEP_SUMMARY", readFileSync(join(input("OUT"), "gate.md"), "utf8"));
  append(
    "GITHUB_OUTPUT",
    [
      `verdict=${gate.verdict ?? ""}`,
      `report-path=${input("OUT")}`,
      `min-detectable=${detectable === null ? "" : (detectable * 100).toFixed(2)}`,
      "",
    ].join("\n"),
  );
  return policy === "pass" && (code === INCONCLUSIVE || code === CANNOT_TELL) ? 0 : code;
}

process.exitCode = await main();
