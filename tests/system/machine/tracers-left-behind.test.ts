/** A tracer never outlives the controller, and the traced process always outlives the tracer. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { processTree } from "../../../harness/machine/proc.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { cpus, tracers } from "../run/traced-servers.ts";

function statusOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/status`, "utf8");
  } catch {
    return "";
  }
}

function isAlive(pid: number): boolean {
  const status = statusOf(pid);
  return status !== "" && !/^State:\s+Z/m.test(status);
}

const MODULES = {
  perf: ["perf.ts", "perfTracer"],
  strace: ["strace.ts", "straceTracer"],
} as const;

test.each(tracers)("$tool ends when the controller is killed with SIGKILL", async ({ tracer, reason }) => {
  if (tracer === null) return expect(reason).not.toBe("");
  const traced = spawn("/bin/sleep", ["600"], { stdio: "ignore" });
  const [file, name] = MODULES[tracer.tool];
  const script = `
    import { ${name} } from ${JSON.stringify(join(PROJECT_ROOT, "harness/machine/tracers", file))};
    const tracing = await ${name}([${cpus.join(",")}]).attach([${traced.pid}]);
    await tracing.begin();
    console.log("attached");
    setInterval(() => {}, 1000);
  `;
  const controller = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    const [line] = await once(createInterface(controller.stdout), "line");
    expect(line).toBe("attached");
    const below = processTree(controller.pid as number).slice(1);
    expect(below.length).toBeGreaterThanOrEqual(2);
    controller.kill("SIGKILL");
    while (below.some(isAlive)) await delay(5);
    expect(statusOf(traced.pid as number)).toMatch(/^TracerPid:\s+0$/m);
    expect(isAlive(traced.pid as number)).toBe(true);
  } finally {
    controller.kill("SIGKILL");
    traced.kill("SIGKILL");
  }
});
