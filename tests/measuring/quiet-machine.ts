/**
 * What only a quiet machine shows. Beside another process the harness leaves cycles out, and rightly has no number, so a test
 * that wants one can show nothing there. When a test fails although the hypervisor took CPU time while it ran, or while somebody
 * else has a CPU, it is therefore taken again, and in the end skipped with the reason. The witnesses are the kernel's count of
 * stolen time and a loop of its own, and nothing of what is tested.
 */
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { promisify } from "node:util";
import type { TestContext } from "vitest";
import { allowedCpus } from "../../harness/machine/cpu-list.ts";

const run = promisify(execFile);

/** A loop alone on its CPU gets all of it but for the odd interrupt. */
const LEAST_SHARE = 0.85;
/** Of the time of all CPUs; the odd tick is always stolen on a virtual machine, and harms nothing. */
const STOLEN_SHARE = 0.02;
const ATTEMPTS = 2;
const LOOP =
  "const start = performance.now(); while (performance.now() - start < 300); " +
  "const { user, system } = process.cpuUsage(); " +
  "console.log((user + system) / 1000 / performance.now());";

/** Which CPU has other work, in words; null when none has. All are looked at at once, because other work moves to the idle one. */
async function busyCpu(): Promise<string | null> {
  const env = { ...process.env, NODE_OPTIONS: "" };
  const shares = await Promise.all(
    allowedCpus().map(async (cpu) => {
      const { stdout } = await run("taskset", ["-c", String(cpu), process.execPath, "-e", LOOP], { env });
      return { cpu, share: Number(stdout) };
    }),
  );
  const busy = shares.find(({ share }) => share < LEAST_SHARE);
  return busy === undefined ? null : `a loop on CPU ${busy.cpu} got ${Math.round(busy.share * 100)} % of it`;
}

/** What the hypervisor took of all CPUs since the machine started, ticks of 10 ms. */
function stolenTicks(): number {
  const [, all = ""] = /^cpu +(.*)$/m.exec(readFileSync("/proc/stat", "utf8")) ?? [];
  return Number(all.split(" ")[7] ?? 0);
}

/** What disturbed a test since then, in words; null when nothing did. */
async function disturbanceSince(before: { stolen: number; atMs: number }): Promise<string | null> {
  const stolenMs = (stolenTicks() - before.stolen) * 10;
  const share = stolenMs / ((performance.now() - before.atMs) * allowedCpus().length);
  return share > STOLEN_SHARE ? `the hypervisor took ${(100 * share).toFixed(1)} % of its time` : busyCpu();
}

/** A test that is taken again, and then skipped, when it fails beside other work each time. */
export function onQuietMachine(
  body: (context: TestContext) => Promise<void>,
): (context: TestContext) => Promise<void> {
  return async (context) => {
    for (let attempt = 1; ; attempt++) {
      const before = { stolen: stolenTicks(), atMs: performance.now() };
      try {
        return await body(context);
      } catch (error) {
        const disturbance = await disturbanceSince(before);
        if (disturbance === null) throw error;
        if (attempt === ATTEMPTS) context.skip(`This machine was busy: ${disturbance}.`);
      }
    }
  };
}
