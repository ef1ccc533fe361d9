/** The script that loads from several machines, with this one in the place of all of them. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { withFolder } from "../../measuring/commands/command-line.ts";
import { tcpEchoServer } from "../../measuring/generator/servers.ts";

test("two machines are one load, and nothing is left of it", async () => {
  const server = await tcpEchoServer();
  try {
    await withFolder(async (folder) => {
      const flags = ["--address", `127.0.0.1:${server.port}`, "--connections", "6", "--duration", "300ms"];
      const child = spawn(join(PROJECT_ROOT, "deploy", "ssh.sh"), ["alice,bob", ...flags], {
        stdio: ["ignore", "pipe", "inherit"],
        env: {
          ...process.env,
          TMPDIR: folder,
          RSH: `sh ${join(import.meta.dirname, "this-machine.sh")}`,
          READYMARK: `${process.execPath} ${join(PROJECT_ROOT, "scripts", "readymark.ts")}`,
          LEAD: "4",
        },
      });
      const [printed] = await Promise.all([text(child.stdout), once(child, "exit")]);
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
