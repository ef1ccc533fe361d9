/** `readymark calibrate`: the load generator's own error. */
import { parseCpuList } from "../../harness/machine/cpu-list.ts";
import { randomInt } from "node:crypto";
import { relative } from "node:path";
import Table from "cli-table3";
import { calibrate, type Outcome } from "../../harness/calibrate/calibrate.ts";
import { DELAY_CASES, STOP } from "../../harness/calibrate/delay-cases.ts";
import { writeCalibration } from "../../harness/results/calibration-store.ts";
import { Failure } from "../../harness/failure.ts";
import { CALIBRATION_FILE } from "../../harness/project.ts";
import type { Calibration, CalibrationRow } from "../../harness/results/calibration.ts";
import { assignCpus } from "../../harness/plan/cpus.ts";
import { readEnvironment } from "../../harness/machine/environment.ts";
import { alone } from "../alone.ts";
import { parseOptions, wholeNumber, type Command } from "../arguments.ts";

const HELP = `usage: npm run -s readymark -- calibrate [options]

Runs the load generator against a server of known delays, over tcp, http and ws, in the open and the closed loop, and
against a server that is stopped for 200 ms. Compares recorded with expected latency; an error beyond 2 % and 20 µs
fails. About a minute on a quiet machine. The result is kept in results/calibration.json and carried in every run.

  --rounds 5                 how often each case is measured
  --server-cpus 0 --client-cpus 1
  --seed N                   repeats the order and the delays
  --json                     one JSON document on stdout

Exit code: 0 passed, 1 an error is outside its limit, 4 too much interference from other processes to decide.
`;

const IDLE_WAIT_LIMIT_SECONDS = 60;
const EXIT_CODES = { passed: 0, failed: 1, inconclusive: 4 } as const;

async function run(argv: readonly string[]): Promise<number> {
  const text = { type: "string" } as const;
  const { values } = parseOptions(
    {
      ...{ rounds: text, seed: text, "server-cpus": text, "client-cpus": text },
      json: { type: "boolean" },
    } as const,
    argv,
  );
  const rounds = wholeNumber(values.rounds ?? "5", "--rounds", { least: 1, most: 100 });
  const seed = wholeNumber(values.seed ?? String(randomInt(1, 1_000_000_000)), "--seed", {
    least: 1,
    most: 1_000_000_000,
  });
  const { serverCpus, clientCpus } = chooseCpus(values["server-cpus"], values["client-cpus"]);
  const work = async (signal: AbortSignal): Promise<number> => {
    const startedAt = new Date().toISOString();
    const options = { seed, rounds, serverCpus, clientCpus };
    const outcome = await calibrate({
      ...options,
      idleWaitLimitSeconds: IDLE_WAIT_LIMIT_SECONDS,
      signal,
      onStep: showStep,
    });
    const calibration = describe(startedAt, options, outcome);
    // An inconclusive calibration must not replace a conclusive one.
    if (calibration.verdict !== "inconclusive") writeCalibration(calibration);
    process.stdout.write(values.json ? `${JSON.stringify(calibration, null, 2)}\n` : render(calibration));
    if (calibration.reason !== null) process.stderr.write(`readymark: ${calibration.reason}\n`);
    return EXIT_CODES[calibration.verdict];
  };
  return alone(`readymark calibrate ${argv.join(" ")}`, work, () => "the calibration before is untouched");
}

/** Both sides spin, so each needs a CPU of its own. */
function chooseCpus(server: string | undefined, client: string | undefined) {
  const { serverCpus, clientCpus } = assignCpus(
    server === undefined ? null : parseCpuList(server, "--server-cpus"),
    client === undefined ? null : parseCpuList(client, "--client-cpus"),
  );
  const shared = serverCpus.filter((cpu) => clientCpus.includes(cpu));
  if (shared.length > 0)
    throw new Failure(
      4,
      `Server and generator would share CPU ${shared.join(",")}; a calibration needs two CPUs. ` +
        `Choose others with --server-cpus and --client-cpus, or allow this process more.`,
    );
  return { serverCpus, clientCpus };
}

function describe(
  startedAt: string,
  options: Pick<Calibration, "seed" | "rounds" | "serverCpus" | "clientCpus">,
  outcome: Outcome,
): Calibration {
  const { cpu, kernel, versions, binaries } = readEnvironment({});
  const finishedAt = new Date().toISOString();
  return { startedAt, finishedAt, ...outcome, ...options, cpuModel: cpu.model, kernel, versions, binaries };
}

function showStep(done: number, total: number, what: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[Kreadymark: ${done} of ${total}, ${what}`);
  if (process.stderr.isTTY && done === total) process.stderr.write("\r\x1b[K");
}

function render({ rows, verdict, retakes, rounds }: Calibration): string {
  const table = new Table({
    head: ["delays", "protocol", "loop", "", "expected", "recorded", "error", "limit", "verdict"],
    colAligns: ["left", "left", "left", "left", "right", "right", "right", "right", "left"],
    style: { head: [], border: [], compact: true },
  });
  for (const row of rows) table.push(cells(row));
  const legend = [...DELAY_CASES, STOP].map(({ name, description }) => `${name}: ${description}`);
  const again =
    retakes.length === 0 ? "" : `, ${retakes.length} samples taken again because of machine interference`;
  const file = relative(process.cwd(), CALIBRATION_FILE);
  const where = verdict === "inconclusive" ? `${file} is unchanged.` : `Written to ${file}.`;
  return [
    ...(rows.length === 0 ? [] : [table.toString()]),
    ...legend,
    `calibration ${verdict}; ${rounds} rounds${again}. ${where}`,
    "",
  ].join("\n");
}

const NAMES: Partial<Record<CalibrationRow["quantity"], string>> = {
  p99_9: "p99.9",
  slowShare: "share of slow",
  delayed: "delayed",
  spread: "deviation from uniform",
};

const OUTCOMES = { passed: "ok", failed: "OUTSIDE", unclear: "unclear" } as const;

function cells(row: CalibrationRow): string[] {
  const shown = (value: number): string =>
    row.unit === "ns"
      ? `${(value / 1000).toFixed(1)} µs`
      : row.unit === "share"
        ? `${(value * 100).toFixed(2)} %`
        : value.toFixed(0);
  const quantity = NAMES[row.quantity] ?? row.quantity;
  return [
    ...[row.delays, row.protocol, row.loop, quantity],
    ...[row.expected, row.recorded, row.error, row.limit].map(shown),
    OUTCOMES[row.outcome],
  ];
}

export default {
  name: "calibrate",
  summary: "the load generator against a server of known delays: its own error",
  help: HELP,
  run,
} satisfies Command;
