/**
 * What only a quiet machine shows. Beside another process the harness leaves cycles out, and rightly has no number, so a test
 * that wants one can show nothing there. A test that fails is therefore skipped, with the reason, when somebody else has a CPU
 * just then; the witness is a loop of its own, and nothing of what is tested.
 */
import { execFileSync } from "node:child_process";
import type { TestContext } from "vitest";
import { allowedCpus } from "../../harness/machine/cpu-list.ts";

/** A loop alone on its CPU gets all of it but for the odd interrupt. */
const LEAST_SHARE = 0.85;
const LOOP =
  "const start = performance.now(); while (performance.now() - start < 300); " +
  "const { user, system } = process.cpuUsage(); " +
  "console.log((user + system) / 1000 / performance.now());";

/** Which CPU has other work, in words; null when none has. */
function busyCpu(): string | null {
  for (const cpu of allowedCpus()) {
    const share = Number(
      execFileSync("taskset", ["-c", String(cpu), process.execPath, "-e", LOOP], {
        encoding: "utf8",
        env: { ...process.env, NODE_OPTIONS: "" },
      }),
    );
    if (share < LEAST_SHARE) return `a loop on CPU ${cpu} got ${Math.round(share * 100)} % of it`;
  }
  return null;
}

/** A test that is skipped when it fails beside other work. */
export function onQuietMachine(
  body: (context: TestContext) => Promise<void>,
): (context: TestContext) => Promise<void> {
  return async (context) => {
    try {
      await body(context);
    } catch (error) {
      const busy = busyCpu();
      if (busy === null) throw error;
      context.skip(`This machine was busy: ${busy}.`);
    }
  };
}
