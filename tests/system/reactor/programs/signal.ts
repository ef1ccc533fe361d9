/** Waits for a signal that another process sends while nothing else happens. */
import { spawn } from "node:child_process";
import { listen } from "../../../../reactor/index.ts";

const server = await listen({ multiplexer: process.argv[2]!, socket: {} });
process.on("SIGUSR2", () => {
  process.stdout.write("signal\n");
  void server.close().then(() => process.exit(0));
});
spawn("/bin/sh", ["-c", `sleep 0.1; kill -USR2 ${process.pid}`]);
