/** The script that loads from several machines, with this one in the place of all of them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { withFolder } from "../../measuring/commands/command-line.ts";
import { tcpEchoServer, tcpServer } from "../../measuring/generator/servers.ts";

/** The script with these flags, for two machines that are both this one; its temporary files go to `folder`. */
function startSsh(folder: string, ...flags: string[]): ChildProcess {
  return spawn(join(PROJECT_ROOT, "deploy", "ssh.sh"), ["alice,bob", ...flags], {
    stdio: ["ignore", "pipe", "inherit"],
    env: {
      ...process.env,
      TMPDIR: folder,
      RSH: `sh ${join(import.meta.dirname, "this-machine.sh")}`,
      READYMARK: `${process.execPath} ${join(PROJECT_ROOT, "scripts", "readymark.ts")}`,
      LEAD: "10",
    },
  });
}

test("two machines are one load, and nothing is left of it", async () => {
  const server = await tcpEchoServer();
  try {
    await withFolder(async (folder) => {
      const flags = ["--address", `127.0.0.1:${server.port}`, "--connections", "6", "--duration", "300ms"];
      const child = startSsh(folder, ...flags);
      const [printed] = await Promise.all([text(child.stdout!), once(child, "exit")]);
      expect(printed).toContain("closed loop over tcp");
      expect(printed).toContain("6 connections");
      expect(printed).toMatch(/shard 1 on .*: [\d,]+ operations, began/);
      expect(printed).toMatch(/shard 2 on .*: [\d,]+ operations, began/);
      expect(readdirSync(folder)).toEqual([]);
    });
  } finally {
    await server.close();
  }
});

test("a load that nobody waits for any more ends on every machine", async () => {
  let open = 0;
  const server = await tcpServer((socket) => {
    open += 1;
    socket.on("close", () => (open -= 1));
    socket.pipe(socket);
  });
  try {
    await withFolder(async (folder) => {
      const flags = ["--address", `127.0.0.1:${server.port}`, "--connections", "6", "--duration", "60s"];
      const child = startSsh(folder, ...flags);
      await expect.poll(() => open, { timeout: 30_000 }).toBe(6);
      const ended = once(child, "exit");
      child.kill("SIGINT");
      expect(await ended).toEqual([130, null]);
      await expect.poll(() => open, { timeout: 10_000 }).toBe(0);
      expect(readdirSync(folder)).toEqual([]);
    });
  } finally {
    await server.close();
  }
});
