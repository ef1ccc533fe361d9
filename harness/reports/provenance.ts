/** Where the numbers come from: the machine, the plan, and the command that measures the same again. */
import type { Cell, Environment, Run } from "../results/run.ts";
import { isMicro } from "../results/cell-id.ts";
import { shellWord } from "../shell-word.ts";
import { MEBIBYTES, NOT_OBSERVED, percentage, whole } from "../units.ts";

export interface Fact {
  name: string;
  /** One line each. */
  values: string[];
}

export function describeEnvironment(environment: Environment): Fact[] {
  const { cpu, git } = environment;
  const steal = environment.stealShare;
  const commit =
    git === null ? "not a checkout" : `${git.commit}${git.dirty ? ", with uncommitted changes" : ""}`;
  return [
    fact("CPU", `${cpu.model}, ${cpu.count} logical`),
    fact("frequency governor", cpu.governor ?? NOT_OBSERVED),
    fact("memory", `${whole(environment.memoryBytes / MEBIBYTES.size)} ${MEBIBYTES.name}`),
    fact("kernel", environment.kernel),
    fact("system", environment.os),
    fact("hypervisor", environment.hypervisor ?? "none detected"),
    fact("steal since boot", steal === null ? NOT_OBSERVED : percentage(steal)),
    fact("commit", commit),
    fact("versions", ...named(environment.versions)),
    fact("limits", ...named(environment.limits)),
    fact("mitigations", ...named(cpu.mitigations)),
    fact("binaries, SHA-256", ...named(environment.binaries)),
    fact("calibration of the generator", ...describeCalibration(environment)),
  ];
}

const TRACED: Record<Run["plan"]["trace"], string> = {
  none: "none",
  closed: "those with a closed loop",
  all: "all",
};

/** What the generator's own error was when it was last measured, and how far that may be believed. */
function describeCalibration({ calibration, calibrationRemark }: Environment): string[] {
  const remark = calibrationRemark === null ? [] : [calibrationRemark];
  if (calibration === null) return remark;
  const { verdict, finishedAt, rows } = calibration;
  const wrong = rows.filter(({ outcome }) => outcome !== "passed").length;
  const counted = rows.length === 0 ? "" : `; ${wrong} of ${rows.length} comparisons outside their limits`;
  return [`${verdict} at ${finishedAt}${counted}`, ...remark];
}

export function describePlan(run: Run): Fact[] {
  const { plan } = run;
  if (isMicro(run))
    return [
      fact("generations", `${plan.generations} processes`),
      fact(
        "measured time",
        `${plan.durationSeconds} s of each piece in each process, after as long a warm-up`,
      ),
      fact("CPUs", plan.serverCpus.join(", ")),
      fact("started", run.startedAt),
      fact("finished", run.finishedAt ?? "not finished"),
    ];
  return [
    fact("seed", String(plan.seed)),
    fact("effort", plan.effort),
    fact("generations", String(plan.generations)),
    fact(
      "measured time",
      `${plan.durationSeconds} s of each cell in each generation, in slices of ${plan.sliceSeconds * 1000} ms, each after ${plan.discardSeconds * 1000} ms that do not count`,
    ),
    fact(
      "warm-up",
      `at least ${plan.warmupSeconds} s of load in the first generation, until the cost per operation falls no more, at most ${plan.warmupLimitSeconds} s; later generations as long as the first had needed`,
    ),
    fact("servers alive at once", plan.isolated || plan.port !== 0 ? "one" : "all of a protocol"),
    ...(plan.baseline === null ? [] : [fact("baseline", plan.baseline)]),
    fact("time-out", `${plan.timeoutSeconds} s for an answer`),
    fact("traced cells", TRACED[plan.trace]),
    fact("server CPUs", plan.serverCpus.join(", ") || "not pinned"),
    fact("generator CPUs", plan.clientCpus.join(", ") || "not pinned"),
    fact("shards", String(plan.shards)),
    ...(plan.serverProcesses === undefined
      ? []
      : [fact("processes of each server", String(plan.serverProcesses))]),
    ...(plan.commands.length === 0 ? [] : [fact("commands", ...plan.commands)]),
    ...(plan.address === null ? [] : [fact("address", plan.address)]),
    ...(plan.host === undefined ? [] : [fact("address of the servers", plan.host)]),
    ...(plan.agents === undefined
      ? []
      : [fact("loaded by", `${plan.agents.count} agents at ${plan.agents.broker}`)]),
    ...(plan.engines.length === 0 ? [] : [fact("other load generators", ...plan.engines)]),
    ...(plan.node === null ? [] : [fact("Node.js of the servers", plan.node)]),
    fact("started", run.startedAt),
    fact("finished", run.finishedAt ?? "not finished"),
  ];
}

/** The same plan as a command line: same seed, so the same order of cells and the same schedules. */
export function repeatCommand({ plan, cells }: Run): string {
  if (isMicro({ cells }))
    return `npm run micro -- --pieces ${distinct(cells, ({ framework }) => framework)} --generations ${plan.generations} --time ${plan.durationSeconds}s`;
  const words = ["npm", "run", "bench", "--"];
  if (plan.effort !== "default") words.push(`--${plan.effort}`);
  // The user's own server is named by --command or --address, and not among the frameworks.
  const own = cells.filter(
    ({ framework }) => plan.commands.length === 0 || !/^command(-\d+)?$/.test(framework),
  );
  const frameworks = own.filter(({ framework }) => plan.address === null || framework !== "address");
  if (frameworks.length > 0)
    words.push(
      "--frameworks",
      distinct(frameworks, (cell) => `${cell.framework}/${cell.variant}`).replaceAll(/#\d+/g, ""),
    );
  for (const command of plan.commands) words.push("--command", command);
  if (plan.address !== null) words.push("--address", plan.address);
  if (plan.host !== undefined) words.push("--host", plan.host);
  if (plan.serverProcesses !== undefined) words.push("--server-processes", String(plan.serverProcesses));
  if (plan.agents !== undefined)
    words.push("--agents", String(plan.agents.count), "--nats", plan.agents.broker);
  words.push(
    "--scenarios",
    distinct(cells, ({ scenario }) => scenario),
  );
  words.push(...protocolFlag(cells));
  words.push(...parameterFlags(cells));
  words.push("--generations", String(plan.generations), "--duration", `${plan.durationSeconds}s`);
  words.push("--warmup", `${plan.warmupSeconds}s`, "--warmup-limit", `${plan.warmupLimitSeconds}s`);
  words.push("--timeout", `${plan.timeoutSeconds}s`);
  for (const engine of plan.engines) words.push("--engine", engine);
  if (plan.node !== null) words.push("--node", plan.node);
  if (plan.isolated) words.push("--isolated");
  if (plan.baseline !== null) words.push("--baseline", plan.baseline);
  words.push("--trace", plan.trace);
  words.push("--shards", String(plan.shards), "--seed", String(plan.seed));
  if (plan.port !== 0) words.push("--port", String(plan.port));
  if (plan.serverCpus.length > 0) words.push("--server-cpus", plan.serverCpus.join(","));
  if (plan.clientCpus.length > 0) words.push("--client-cpus", plan.clientCpus.join(","));
  return words.map(shellWord).join(" ");
}

/**
 * Protocols are named when all scenarios of all servers have the same. Where they differ none was named, and the servers
 * and scenarios have chosen; naming them all would add cells.
 */
function protocolFlag(cells: readonly Cell[]): string[] {
  const groups = Map.groupBy(cells, (cell) => `${cell.framework}/${cell.variant}/${cell.scenario}`);
  const named = new Set([...groups.values()].map((group) => distinct(group, ({ protocol }) => protocol)));
  const [protocols] = named;
  return named.size === 1 && protocols !== undefined ? ["--protocols", protocols] : [];
}

const PARAMETER_FLAGS: Record<string, string> = {
  ratePerSecond: "--rates",
  objective: "--slo",
  idleConnections: "--idle",
  connections: "--connections",
  payloadBytes: "--payload",
  pipeline: "--pipeline",
};

/**
 * A setting that every scenario has alike is named. One in which they differ comes from the scenarios' own defaults
 * for this effort, because a flag holds for all of them; naming it would change the plan.
 */
function parameterFlags(cells: readonly Cell[]): string[] {
  return Object.entries(PARAMETER_FLAGS).flatMap(([parameter, flag]) => {
    const having = cells.filter(({ parameters }) => parameter in parameters);
    const perScenario = [...Map.groupBy(having, ({ scenario }) => scenario).values()].map((members) =>
      distinct(members, ({ parameters }) => String(parameters[parameter])),
    );
    const [values] = perScenario;
    return values !== undefined && perScenario.every((other) => other === values) ? [flag, values] : [];
  });
}

function distinct(cells: readonly Cell[], pick: (cell: Cell) => string): string {
  return [...new Set(cells.map(pick))].join(",");
}

function fact(name: string, ...values: string[]): Fact {
  return { name, values: values.length === 0 ? [NOT_OBSERVED] : values };
}

function named(values: Readonly<Record<string, string | number | null>>): string[] {
  return Object.entries(values).map(
    ([name, value]) => `${name}: ${typeof value === "number" ? whole(value) : (value ?? NOT_OBSERVED)}`,
  );
}
