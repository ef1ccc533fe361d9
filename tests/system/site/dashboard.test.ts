/** `readymark dashboard` as a user runs it. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { expect, test } from "vitest";
import { writeRun } from "../../../harness/results/store.ts";
import { fixtureRun } from "../../fixtures/run.ts";
import { readymark, startReadymark, withFolder } from "../../measuring/commands/command-line.ts";

test("publishes what can be read, names the file and field of what cannot, and says so by its exit code", async () => {
  await withFolder(async (folder) => {
    const [runs, out] = [join(folder, "runs"), join(folder, "site")];
    writeRun(join(runs, "good"), fixtureRun());
    mkdirSync(join(runs, "bad"));
    writeFileSync(join(runs, "bad", "run.json"), JSON.stringify({ ...fixtureRun(), startedAt: "yesterday" }));
    const { code, stderr } = await readymark("dashboard", "--runs", runs, "--out", out);
    expect(code).toBe(1);
    expect(stderr).toMatch(/bad\/run\.json[\s\S]*startedAt/);
    expect(existsSync(join(out, "runs", "fixture-0001.html"))).toBe(true);
  });
});

/** The status of a path exactly as it is written, which fetch would tidy up. */
function statusOf(port: number, path: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    request({ host: "127.0.0.1", port, path }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .once("error", reject)
      .end();
  });
}

test("shows the site until Ctrl-C, and nothing above its folder", async () => {
  await withFolder(async (folder) => {
    const [runs, out] = [join(folder, "runs"), join(folder, "site")];
    writeRun(join(runs, "good"), fixtureRun());
    writeFileSync(join(folder, "secret"), "secret");
    const given = ["dashboard", "--runs", runs, "--out", out, "--serve", "--port", "0"];
    const { child, outcome } = startReadymark(given);
    let said = "";
    child.stderr?.on("data", (chunk) => (said += String(chunk)));
    while (!/http:\/\/127\.0\.0\.1:\d+/.test(said) && child.exitCode === null) await delay(10);
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(said)?.[1]);
    expect(await statusOf(port, "/")).toBe(200);
    expect(await statusOf(port, "/data/fixture-0001/summary.csv")).toBe(200);
    for (const path of ["/../secret", "/..%2fsecret", "/%2e%2e/secret", "/%", "/nothing"])
      expect(await statusOf(port, path)).toBe(404);
    child.kill("SIGINT");
    expect((await outcome).code).toBe(0);
  });
});
