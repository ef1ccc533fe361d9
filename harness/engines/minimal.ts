/** The least that a client of this kind can cost: native/bench/minimal_client.cc, compiled when it is asked for. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { PROJECT_ROOT } from "../project.ts";
import { WARMUP_SECONDS, type Engine } from "./engine.ts";
import { runTool } from "./run-tool.ts";

const SOURCE = join(PROJECT_ROOT, "native", "bench", "minimal_client.cc");

export const minimal: Engine = {
  name: "minimal client",
  protocols: ["tcp"],
  caveat:
    "The minimal client verifies nothing, records no latency and has one thread: it is the least that such a load costs.",
  availability: async () => {
    const { error, stdout } = spawnSync("g++", ["-dumpversion"], { encoding: "utf8" });
    return error
      ? { available: false, reason: "g++ is not installed; on Debian or Ubuntu: sudo apt-get install g++" }
      : { available: true, version: `(g++ ${stdout.trim()} -O2)` };
  },
  prepare: async (folder) => {
    const { status, stderr } = spawnSync("g++", ["-std=c++20", "-O2", "-o", binaryIn(folder), SOURCE], {
      encoding: "utf8",
    });
    if (status !== 0) throw new Error(`g++ could not compile ${SOURCE}: ${stderr}`);
  },
  run: async ({ host, port }, { connections, payloadBytes, seconds, cpus }, folder = "") => {
    const { stdout } = await runTool(binaryIn(folder), cpus, () =>
      [host, port, connections, payloadBytes, WARMUP_SECONDS, seconds].map(String),
    );
    const [answers = 0, windowNs = 0, cpuNs = 0] = stdout.trim().split(" ").map(Number);
    if (!(answers > 0 && windowNs > 0)) throw new Error(`the minimal client got no answer: ${stdout}`);
    return {
      loadedSeconds: WARMUP_SECONDS + seconds,
      requests: answers,
      requestsPerSecond: answers / (windowNs / 1e9),
      clientCpuNsPerRequest: cpuNs / answers,
      latencyNs: null,
    };
  },
};

function binaryIn(folder: string): string {
  return join(folder, "minimal_client");
}
