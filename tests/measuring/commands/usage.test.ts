/** Wrong usage: exit code 2, the valid names, the nearest one, and nothing measured. */
import { createServer, type AddressInfo } from "node:net";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test, vi } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import type { Command } from "../../../scripts/arguments.ts";
import { readymark, refusal, withFolder } from "./command-line.ts";

const COMMANDS = join(PROJECT_ROOT, "scripts", "commands");

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
  { args: ["--node", "/bin/true"], says: "takes the path of a Node.js binary, and /bin/true is none" },
  { args: ["--address", "example.org:80"], says: "sends load to this machine only" },
  { args: ["--generations"], says: "--generations" },
  { args: ["--slo", "p98<1ms"], says: "--slo takes conditions such as 'p99<1ms'" },
  { args: ["--slo", "p99<1ms", "--rates", "1000"], says: "--slo and --rates exclude each other" },
  { args: ["--slo", "p99<6s"], says: "raise --timeout" },
  { args: ["--slo", "p99<1ms", "--scenarios", "echo"], says: "add: --scenarios latency" },
  { args: ["echo"], says: '"echo" is one argument too many' },
  { args: ["--resume", "x", "--generations", "9"], says: "leave --generations out" },
])("bench $args", async ({ args, says }) => {
  await withFolder(async (folder) => {
    const { message, code } = await refusal("bench", "--out", folder, ...args);
    expect(message).toContain(says);
    expect(code).toBe(2);
    expect(readdirSync(folder)).toEqual([]);
  });
});

test.each([
  { args: ["--duration", "forever"], says: "readymark: --duration takes a duration" },
  { args: ["--frameworks", "node-nte"], says: "readymark: " },
  { args: ["--resume", "no-such-run"], says: 'readymark: There is no run "no-such-run"' },
])("bench $args is refused on stderr, with exit code 2 and nothing else", async ({ args, says }) => {
  await withFolder(async (folder) => {
    const outcome = await readymark("bench", "--out", folder, ...args);
    expect(outcome.stderr.slice(0, says.length)).toBe(says);
    expect(outcome.stderr).not.toContain("    at ");
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
  const { message, code } = await refusal("crosscheck", "--protocol", "ws");
  expect(message).toContain('--protocol takes http or tcp, not "ws"');
  expect(code).toBe(2);
});

test("a combination that does not exist is said, not skipped", async () => {
  const { message, code } = await refusal("bench", "--frameworks", "uwebsockets", "--protocols", "tcp");
  expect(message).toContain("uwebsockets/default: It has no tcp; it speaks http and ws.");
  expect(code).toBe(2);
});

test("a port that is taken is said before anything runs, with the command that frees it", async () => {
  const holder = createServer().listen(0, "127.0.0.1");
  try {
    await new Promise((resolve) => holder.once("listening", resolve));
    const { port } = holder.address() as AddressInfo;
    const { message, code } = await refusal("bench", "--frameworks", "node-net", "--port", String(port));
    expect(message).toContain(`Port ${port} is taken by process ${process.pid}`);
    expect(message).toContain(`kill ${process.pid}`);
    expect(code).toBe(4);
  } finally {
    holder.close();
  }
});

test("too few file descriptors are said before anything runs, with the command that raises them", async () => {
  const { message, code } = await refusal("bench", "--frameworks", "node-net", "--connections", "1000000");
  expect(message).toContain(
    "1,000,000 active connections need 1,000,100 file descriptors in the load generator's process",
  );
  expect(message).toContain("prlimit");
  expect(code).toBe(4);
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

test("--help works for the tool and for a command, as a user starts them", async () => {
  vi.stubEnv("NODE_OPTIONS", "");
  onTestFinished(() => void vi.unstubAllEnvs());
  for (const args of [["--help"], ["bench", "--help"]]) {
    expect(await readymark(...args)).toMatchObject({
      code: 0,
      stderr: "",
      stdout: expect.stringContaining("usage:"),
    });
  }
});

test.each(readdirSync(COMMANDS))("%s says how it is used", async (file) => {
  const { default: command } = (await import(join(COMMANDS, file))) as { default: Command };
  expect(command.name).toBe(file.replace(/\.ts$/, ""));
  expect(command.help).toContain(`usage:`);
});
