/** Verdicts on real processes: somebody spoils a sample in one way, and the check for it says so. */
import { execFileSync } from "node:child_process";
import { setTimeout as delay } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import type { Loop, Parameters } from "../../../harness/contract.ts";
import { runLoad } from "../../../harness/children/generator/run-load.ts";
import { cpuPressureUs, listenRefusals, refusalsSince } from "../../../harness/machine/kernel-counters.ts";
import type { Cell, Check, Plan, Sample } from "../../../harness/results/run.ts";
import { measureSample } from "../../../harness/run/sample.ts";
import { judge } from "../../../harness/checks/judge.ts";
import type { ServerSource, ServerUnderTest } from "../../../harness/children/server/server.ts";
import { jobFor } from "../../fixtures/jobs.ts";
import { withFullBacklog } from "../reactor/full-backlog.ts";
import { cpus, plan as tracedPlan, scenarioNamed, serverNamed } from "./traced-servers.ts";

const LOADS: Record<string, { loop: Loop; parameters: Parameters }> = {
  echo: { loop: "closed", parameters: { connections: 8, payloadBytes: 64, pipeline: 1 } },
  latency: {
    loop: "open",
    parameters: { ratePerSecond: 2000, connections: 8, payloadBytes: 64, arrivals: "constant" },
  },
};
const PLAN: Plan = { ...tracedPlan, warmupSeconds: 0.3, durationSeconds: 1 };

async function sampleOf(
  name: string,
  source: ServerSource = serverNamed("node-net", "default").source,
): Promise<Sample> {
  const { loop, parameters } = LOADS[name] as (typeof LOADS)[string];
  const { sample } = await measureSample({
    cell: { protocol: "tcp", loop, parameters } as Cell,
    scenario: await scenarioNamed(name),
    ...{ source, plan: PLAN, round: 0, attempt: 0, seed: 1 },
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
  return sample;
}

function checkOf(sample: Sample, id: string): Check | undefined {
  return sample.validity?.checks.find((check) => check.id === id);
}

/** Ends by itself, so that nothing is left behind however the test ends. */
const BURN = "const end = Date.now() + 30_000; while (Date.now() < end);";

/** More than one, so that what they take is plain also where other tests run beside this one. */
const BURNERS = 3;

/**
 * Burns this CPU meanwhile, as other processes would: the shell ends at once, so the burners are no descendants of the
 * process that measures.
 */
async function besideBurners<T>(cpu: number, work: () => Promise<T>): Promise<T> {
  const command = `taskset -c ${cpu} "${process.execPath}" -e "${BURN}" >/dev/null 2>&1 & echo $!`;
  const pids: number[] = [];
  try {
    while (pids.length < BURNERS)
      pids.push(Number(execFileSync("sh", ["-c", command], { encoding: "utf8" })));
    return await work();
  } finally {
    for (const pid of pids) process.kill(pid, "SIGKILL");
  }
}

describe.runIf(cpus.length > 1)("on CPUs of their own", () => {
  test("a server that is stopped in its window was not stationary", async () => {
    const { source } = serverNamed("node-net", "default");
    let stopped: Promise<void> | undefined;
    const stopForAWhile = async ({ pids }: ServerUnderTest): Promise<void> => {
      for (const pid of pids()) process.kill(pid, "SIGSTOP");
      await delay(200);
      for (const pid of pids()) process.kill(pid, "SIGCONT");
    };
    const sample = await sampleOf("latency", async (options) => {
      const server = await source(options);
      // The counters are asked for inside the window, and early in it.
      const counters = async (): Promise<null> => {
        stopped ??= stopForAWhile(server);
        return null;
      };
      return { ...server, counters };
    });
    await stopped;
    expect(stopped).toBeDefined();
    expect(sample.status).toBe("invalid");
    expect(checkOf(sample, "steady-state")).toMatchObject({ passed: false });
    expect(sample.reason).toContain(checkOf(sample, "steady-state")?.message);
  });

  test("other processes on the generator's CPU make requests late, and show as CPU pressure", async ({
    skip,
  }) => {
    if (cpuPressureUs() === null) return skip("this kernel does not count CPU pressure");
    const sample = await besideBurners(PLAN.clientCpus[0] as number, () => sampleOf("latency"));
    expect(sample.status).toBe("invalid");
    expect(checkOf(sample, "send-lag")).toMatchObject({ passed: false });
    expect(checkOf(sample, "cpu-pressure")).toMatchObject({ passed: false });
  });

  test("a generator that other processes keep from its CPU does not pass for the server's capacity", async ({
    skip,
  }) => {
    const sample = await besideBurners(PLAN.clientCpus[0] as number, () => sampleOf("echo"));
    if (sample.load?.clientWaitShare === null)
      return skip("this kernel does not count how long threads wait");
    expect(checkOf(sample, "client-kept-waiting")).toMatchObject({ passed: false });
    expect(sample.validity?.verdict).not.toBe("valid");
  });

  test("other processes on the server's CPU show as CPU pressure", async ({ skip }) => {
    if (cpuPressureUs() === null) return skip("this kernel does not count CPU pressure");
    const sample = await besideBurners(PLAN.serverCpus[0] as number, () => sampleOf("echo"));
    expect(checkOf(sample, "cpu-pressure")).toMatchObject({ passed: false });
  });
});

test("connections that a full accept queue rejects are counted, and spoil a sample of accepting", async () => {
  await withFullBacklog(async (port) => {
    const before = listenRefusals();
    const load = await runLoad(jobFor(port, { loop: "churn", durationSeconds: 0.2, timeoutSeconds: 0.3 }));
    const machine = {
      ...{ stealShare: null, cpuPressureShare: null, otherProcessesCpuShare: null },
      ...refusalsSince(before),
    };
    const { checks, verdict } = judge({ loop: "churn", load, counters: null, serverCpuCount: 1, machine });
    expect(verdict).toBe("invalid");
    expect(checks.find(({ id }) => id === "accept-queue")).toMatchObject({ passed: false, limit: 0 });
    expect(machine.listenOverflows).toBeGreaterThan(0);
  });
});
