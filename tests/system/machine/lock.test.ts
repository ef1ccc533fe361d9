import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { takeMachineLock } from "../../../harness/machine/lock.ts";

const name = `\0readymark-test-${process.pid}`;

test("a second taker is refused and told who holds it", async () => {
  const lock = await takeMachineLock("bench --quick", name);
  try {
    await expect(takeMachineLock("another", name)).rejects.toThrow(`process ${process.pid}, bench --quick`);
  } finally {
    await lock.release();
  }
});

test("it can be taken again once released", async () => {
  for (let turn = 0; turn < 2; turn++) await (await takeMachineLock("turn", name)).release();
});

test("a holder that is killed with SIGKILL leaves nothing locked", async () => {
  const module = JSON.stringify(join(PROJECT_ROOT, "harness/machine/lock.ts"));
  const script = `import { takeMachineLock } from ${module};
    await takeMachineLock("holder", ${JSON.stringify(name)});
    console.log("locked"); setInterval(() => {}, 1000);`;
  const holder = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(holder.stdout, "data");
  await expect(takeMachineLock("another", name)).rejects.toThrow("holder");
  holder.kill("SIGKILL");
  await once(holder, "exit");
  await (await takeMachineLock("another", name)).release();
});
