/** What the machine does to a measurement is left out, with the reason, and without a look at any result. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runLoad } from "../../../harness/children/generator/run-load.ts";
import { judge } from "../../../harness/checks/judge.ts";
import { listenRefusals, refusalsBetween } from "../../../harness/machine/kernel-counters.ts";
import { commandLine, processTree } from "../../../harness/machine/proc.ts";
import { jobFor } from "../../fixtures/jobs.ts";
import { withFullBacklog } from "../../system/reactor/full-backlog.ts";
import { onQuietMachine } from "../quiet-machine.ts";
import { generationOf, hasCpusForBoth, peculiarServer, PLAN } from "./servers.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-interference-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const plain = () => peculiarServer(folder, "plain", "");

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

describe.runIf(hasCpusForBoth)("on CPUs of their own", () => {
  test.each([
    { whose: "the generator's", cpu: PLAN.clientCpus[0] as number, scenario: "echo" },
    { whose: "the generator's", cpu: PLAN.clientCpus[0] as number, scenario: "latency" },
    { whose: "the server's", cpu: PLAN.serverCpus[0] as number, scenario: "echo" },
  ])("other processes on $whose CPU spoil the cycles of $scenario", async ({ cpu, scenario }) => {
    const { samples } = await besideBurners(cpu, () => generationOf({ plain: plain() }, scenario));
    const sample = samples["plain"];
    expect(sample?.status).toBe("invalid");
    expect(sample?.cycles).toEqual([]);
    expect(Object.keys(sample?.cyclesLeftOut ?? {}).join()).toMatch(
      /waited for a CPU|did not run|held a request back/,
    );
  });

  test.for([
    { scenario: "echo", stops: 4, stopMs: 100, reason: "the load generator did not run" },
    { scenario: "latency", stops: 12, stopMs: 8, reason: "the load generator held a request back" },
  ])(
    "a generator stopped for $stopMs ms loses the cycles in flight of $scenario, and no more",
    (one, context) =>
      onQuietMachine(async () => {
        let stopped: Promise<void> | null = null;
        const stopSometimes = async (): Promise<void> => {
          const pid = processTree(process.pid).find(
            (candidate) =>
              commandLine(candidate).startsWith(process.execPath) &&
              commandLine(candidate).includes("generator-process.ts"),
          );
          // A stop that falls between two slices harms nobody, so there are several.
          for (let stop = 0; stop < one.stops; stop++) {
            await delay(110);
            process.kill(pid as number, "SIGSTOP");
            await delay(one.stopMs);
            process.kill(pid as number, "SIGCONT");
          }
        };
        // So many cycles that they go on for longer than the stops.
        const plan = { durationSeconds: 1.8 };
        const { samples } = await generationOf({ plain: plain() }, one.scenario, plan, (phase) => {
          if (phase === "measuring") stopped ??= stopSometimes();
        });
        await stopped;
        const sample = samples["plain"];
        expect(Object.keys(sample?.cyclesLeftOut ?? {}).join()).toContain(one.reason);
        expect(sample?.cycles).toHaveLength(30);
        // What was measured beside them knows nothing of the stops.
        expect(sample?.load?.clientLongestPauseNs).toBeLessThan(100e6);
        expect(sample?.load?.stages["sendLag"]?.latencyNs.max ?? 0).toBeLessThan(3e6);
      })(context),
  );
});

test("connections that a full accept queue rejects are counted, and spoil a sample of accepting", async () => {
  await withFullBacklog(async (port) => {
    const before = listenRefusals();
    const load = await runLoad(jobFor(port, { loop: "churn", durationSeconds: 0.2, timeoutSeconds: 0.3 }));
    const machine = {
      ...{ stealShare: null, cpuPressureShare: null, otherProcessesCpuShare: null },
      ...refusalsBetween(before, listenRefusals()),
    };
    const { checks, verdict } = judge({ loop: "churn", load, counters: null, serverCpuCount: 1, machine });
    expect(verdict).toBe("invalid");
    expect(checks.find(({ id }) => id === "accept-queue")).toMatchObject({ passed: false, limit: 0 });
    expect(machine.listenOverflows).toBeGreaterThan(0);
  });
});
