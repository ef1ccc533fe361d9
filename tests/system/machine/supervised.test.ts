import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { allowedCpus } from "../../../harness/machine/cpu-list.ts";
import { processTree } from "../../../harness/machine/proc.ts";
import { spawnSupervised } from "../../../harness/machine/supervised.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";

const [cpu = 0] = allowedCpus();

function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(5);
}

function shell(script: string) {
  return spawnSupervised({ command: "/bin/sh", args: ["-c", script], cpus: [cpu], ipc: false });
}

test("kills grandchildren that moved to a session of their own", async () => {
  const child = shell("setsid sleep 600 & setsid sh -c 'sleep 600 & sleep 600' & sleep 600");
  await until(() => processTree(child.supervisorPid).length >= 6);
  const tree = processTree(child.supervisorPid);
  await child.kill();
  expect(tree.filter(isAlive)).toEqual([]);
});

test("kills everything when its controller is killed with SIGKILL", async () => {
  const script = `
    import { spawnSupervised } from ${JSON.stringify(join(PROJECT_ROOT, "harness/machine/supervised.ts"))};
    const child = spawnSupervised({ command: "sh", args: ["-c", "sleep 600 & sleep 600"], cpus: [${cpu}], ipc: false });
    console.log(child.supervisorPid);
    setInterval(() => {}, 1000);
  `;
  const controller = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await controller.stdout.iterator({ destroyOnReturn: false }).next()).value
    .toString()
    .split("\n");
  const supervisorPid = Number(line);
  await until(() => processTree(supervisorPid).length >= 4);
  const tree = processTree(supervisorPid);
  controller.kill("SIGKILL");
  await until(() => !tree.some(isAlive));
  expect(tree.filter(isAlive)).toEqual([]);
});

test("kills what a command left behind when the command itself ends", async () => {
  const child = shell("setsid sleep 600 & echo $! >&2");
  await child.ended;
  expect(isAlive(Number(child.stderrTail()[0]))).toBe(false);
});

test("reports the command's exit code", async () => {
  await expect(shell("exit 7").ended).resolves.toBe("exited with code 7");
});

test("reports the signal that ended the command", async () => {
  await expect(shell("kill -SEGV $$").ended).resolves.toBe("was ended by signal 11");
});

test("keeps the last lines of stderr", async () => {
  const child = shell("for i in $(seq 100); do echo line $i >&2; done; printf 'no line end' >&2");
  await child.ended;
  expect(child.stderrTail().slice(-2)).toEqual(["line 100", "no line end"]);
  expect(child.stderrTail()).toHaveLength(20);
});

test("pins the command to its CPUs", async () => {
  const child = shell("grep Cpus_allowed_list /proc/self/status >&2");
  await child.ended;
  expect(child.stderrTail()[0]).toBe(`Cpus_allowed_list:\t${cpu}`);
});

test("says why a command could not be started", async () => {
  const child = spawnSupervised({ command: "/no/such/program", args: [], cpus: [cpu], ipc: false });
  await expect(child.ended).resolves.toBe("exited with code 126");
  expect(child.stderrTail()[0]).toContain("/no/such/program: No such file or directory");
});
