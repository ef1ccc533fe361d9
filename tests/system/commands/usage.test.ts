/** Wrong usage: exit code 2, the valid names, the nearest one, and nothing measured. */
import { createServer, type AddressInfo } from "node:net";
import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { readymark, withFolder } from "./command-line.ts";

test.each([
  { args: ["--frameworks", "node-nte"], says: 'Did you mean "node-net"?' },
  { args: ["--scenarios", "ekho"], says: 'Did you mean "echo"?' },
  { args: ["--protocols", "htp"], says: 'Did you mean "http"?' },
  { args: ["--frameworks", "worker-shards/node-nett"], says: 'Did you mean "node-net"?' },
  { args: ["--conections", "3"], says: 'Did you mean "--connections"?' },
  { args: ["--connections", "many"], says: "--connections takes a whole number" },
  { args: ["--connections", "0"], says: "--connections takes a whole number from 1" },
  { args: ["--duration", "forever"], says: "--duration takes a duration" },
  { args: ["--server-cpus", "x"], says: "--server-cpus takes a CPU list" },
  { args: ["--quick", "--full"], says: "exclude each other" },
  { args: ["--command", "true", "--address", "127.0.0.1:1"], says: "exclude each other" },
  { args: ["--address", "example.org:80"], says: "sends load to this machine only" },
  { args: ["--rounds"], says: "--rounds" },
  { args: ["--slo", "p98<1ms"], says: "--slo takes conditions such as 'p99<1ms'" },
  { args: ["--slo", "p99<1ms", "--rates", "1000"], says: "--slo and --rates exclude each other" },
  { args: ["--slo", "p99<6s"], says: "raise --timeout" },
  { args: ["--slo", "p99<1ms", "--scenarios", "echo"], says: "add: --scenarios latency" },
  { args: ["echo"], says: '"echo" is one argument too many' },
  { args: ["--resume", "x", "--rounds", "9"], says: "leave --rounds out" },
  { args: ["--resume", "no-such-run"], says: 'There is no run "no-such-run"' },
])("bench $args", async ({ args, says }) => {
  await withFolder(async (folder) => {
    const outcome = await readymark("bench", "--out", folder, ...args);
    expect(outcome.stderr).toContain(says);
    expect(outcome).toMatchObject({ code: 2, stdout: "" });
    expect(readdirSync(folder)).toEqual([]);
  });
});

test("an unknown command gives the valid ones", async () => {
  const outcome = await readymark("bnech");
  expect(outcome.stderr).toContain('Did you mean "bench"?');
  expect(outcome.code).toBe(2);
});

test("a cross-check over a protocol that no engine speaks gives those that one does", async () => {
  const outcome = await readymark("crosscheck", "--protocol", "ws");
  expect(outcome.stderr).toContain('--protocol takes http or tcp, not "ws"');
  expect(outcome).toMatchObject({ code: 2, stdout: "" });
});

test("a combination that does not exist is said, not skipped", async () => {
  const outcome = await readymark("bench", "--frameworks", "uwebsockets", "--protocols", "tcp");
  expect(outcome.stderr).toContain("uwebsockets/default: It has no tcp; it speaks http and ws.");
  expect(outcome.code).toBe(2);
});

test("a port that is taken is said before anything runs, with the command that frees it", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    const outcome = await readymark("bench", "--frameworks", "node-net", "--port", String(port));
    expect(outcome.stderr).toContain(`Port ${port} is taken by process ${process.pid}`);
    expect(outcome.stderr).toContain(`kill ${process.pid}`);
    expect(outcome.code).toBe(4);
  } finally {
    holder.close();
  }
});

test("too few file descriptors are said before anything runs, with the command that raises them", async () => {
  const outcome = await readymark("bench", "--frameworks", "node-net", "--connections", "1000000");
  expect(outcome.stderr).toContain(
    "1,000,000 active connections need 1,000,100 file descriptors in the server's process",
  );
  expect(outcome.stderr).toContain("prlimit");
  expect(outcome.code).toBe(4);
});

test("--list shows every framework, why one cannot run, and every scenario", async () => {
  const { stdout, code } = await readymark("bench", "--list");
  for (const name of [
    "node-net/default",
    "uwebsockets/default",
    "worker-shards/node-net",
    "echo",
    "latency",
    "accept",
  ]) {
    expect(stdout).toContain(name);
  }
  expect(code).toBe(0);
});

test("--help works for the tool and for each command", async () => {
  for (const args of [["--help"], ["bench", "--help"], ["report", "--help"]]) {
    expect(await readymark(...args)).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("usage:"),
    });
  }
});
