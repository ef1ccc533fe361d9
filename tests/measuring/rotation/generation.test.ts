/** Servers that are alive together and loaded in turn: what each does to itself is its own, and nobody else's. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { onQuietMachine } from "../quiet-machine.ts";
import { generationOf, hasCpusForBoth, peculiarServer } from "./servers.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-rotation-"));
});

afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

const plain = (name = "plain") => peculiarServer(folder, name, "");

describe.runIf(hasCpusForBoth)("with CPUs for both sides", () => {
  test("every server gets a sample of the same cycles, and none failed for being beside the other", async () => {
    const { samples, apart } = await generationOf({ one: plain("one"), other: plain("other") }, "echo");
    expect(apart).toEqual({});
    const [one, other] = [samples["one"], samples["other"]];
    expect(one?.status).not.toBe("failed");
    expect(other?.status).not.toBe("failed");
    expect(one?.cycles.length).toBe(other?.cycles.length);
    expect(one?.cyclesLeftOut).toEqual(other?.cyclesLeftOut);
  });

  test(
    "a server that becomes twice as fast after a while is waited for",
    onQuietMachine(async () => {
      // It spins for each message until it has had so much load, which is longer than the least warm-up.
      const slow = peculiarServer(
        folder,
        "slow-at-first",
        "let first = 0; onMessage(() => { first ||= performance.now(); if (performance.now() - first < 1000) spin(0.3); });",
      );
      const { samples } = await generationOf({ slow, plain: plain() }, "echo", { warmupLimitSeconds: 5 });
      const { serverCpuNsPerOp } = samples["slow"] ?? {};
      // Either the warm-up went on until it was fast, or the cycles in which it became so were taken again.
      expect(serverCpuNsPerOp).toBeLessThan(300_000 / 2);
    }),
  );

  test(
    "a server that goes on becoming faster is not steady",
    onQuietMachine(async () => {
      const ever = peculiarServer(
        folder,
        "ever-faster",
        "let first = 0; onMessage(() => { first ||= performance.now(); spin(2000 / (performance.now() - first + 400)); });",
      );
      const { samples } = await generationOf({ ever, plain: plain() }, "echo");
      expect(samples["ever"]?.validity?.verdict).toBe("not-steady");
      expect(samples["ever"]?.validity?.checks.find(({ id }) => id === "steady-state")).toMatchObject({
        passed: false,
      });
    }),
  );

  test("a server that spins when nothing is asked of it is put apart, and the others are measured", async () => {
    const restless = peculiarServer(folder, "restless", "setInterval(() => spin(5), 20);");
    const { samples, apart } = await generationOf({ restless, plain: plain() }, "echo");
    expect(apart["restless"]).toMatch(/It took [\d.]+ % of a CPU while nothing was asked of it/);
    expect(samples["restless"]).toBeUndefined();
    expect(samples["plain"]?.status).not.toBe("failed");
  });

  test(
    "a stall of the server's own stays in the percentiles, with its cause",
    onQuietMachine(async () => {
      const stalling = peculiarServer(
        folder,
        "stalling",
        "let last = 0; onMessage(() => { if (performance.now() - last > 400) { spin(150); last = performance.now(); } });",
      );
      const { samples } = await generationOf({ stalling }, "latency", { durationSeconds: 1.2 });
      const sample = samples["stalling"];
      expect(sample?.status).toBe("ok");
      const [stall] = sample?.stalls ?? [];
      expect(stall?.seconds).toBeGreaterThan(0.1);
      expect(stall?.cause).toBe("on-cpu");
      expect(sample?.load?.latency?.latencyNs.p99).toBeGreaterThan(100e6);
    }),
  );

  test(
    "a server that sleeps instead says so",
    onQuietMachine(async () => {
      const sleeping = peculiarServer(
        folder,
        "sleeping",
        "const lock = new Int32Array(new SharedArrayBuffer(4)); let last = 0; onMessage(() => { if (performance.now() - last > 400) { Atomics.wait(lock, 0, 0, 150); last = performance.now(); } });",
      );
      const { samples } = await generationOf({ sleeping }, "latency", { durationSeconds: 1.2 });
      expect(samples["sleeping"]?.stalls[0]?.cause).toBe("asleep");
    }),
  );

  test(
    "an open loop is warmed up at full speed, and then measured at its rate",
    onQuietMachine(async () => {
      const file = join(folder, "messages");
      const counting = peculiarServer(
        folder,
        "counting",
        // Renamed, because a process that is ended while it writes leaves a file that is empty.
        `import { renameSync, writeFileSync } from "node:fs"; const file = ${JSON.stringify(file)}; let messages = 0; let most = 0; let last = performance.now(); onMessage(() => messages++); setInterval(() => { const now = performance.now(); most = Math.max(most, messages / Math.max(0.05, (now - last) / 1000)); last = now; messages = 0; writeFileSync(file + ".new", String(most)); renameSync(file + ".new", file); }, 50);`,
      );
      const { samples } = await generationOf({ counting }, "latency");
      const { scheduled = 0, windowSeconds = 0 } = samples["counting"]?.load ?? {};
      expect(scheduled).toBeLessThan(2 * 1000 * windowSeconds);
      // At some time it got many times as much as the rate alone sends, even after a pause.
      expect(Number(readFileSync(file, "utf8"))).toBeGreaterThan(5 * 1000);
    }),
  );

  test("a server that errs only at full speed is found out in the warm-up", async () => {
    const wrong = peculiarServer(
      folder,
      "wrong-at-full-speed",
      "let messages = 0; onMessage(() => { if (++messages === 2000) process.exit(7); });",
    );
    const { samples } = await generationOf({ wrong, plain: plain() }, "latency");
    expect(samples["wrong"]).toMatchObject({ status: "failed", load: null });
    expect(samples["wrong"]?.reason).toContain("exited with code 7");
    expect(samples["plain"]?.status).not.toBe("failed");
  });
});
