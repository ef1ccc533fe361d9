import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { CONTENT_TYPE, type Engine } from "./engine.ts";
import { runTool } from "./run-tool.ts";

const UNIT_NS = { us: 1e3, ms: 1e6, s: 1e9 } as const;

export const wrk: Engine = {
  name: "wrk",
  protocols: ["http"],
  caveat:
    "wrk is a closed loop like this one, looks at the status of an answer but not at its bytes, and its CPU time includes its start.",
  availability: async () => {
    const { error, stdout } = spawnSync("wrk", ["-v"], { encoding: "utf8" });
    if (error)
      return {
        available: false,
        reason: "wrk is not installed; on Debian or Ubuntu: sudo apt-get install wrk",
      };
    return { available: true, version: /wrk (\S+)/.exec(stdout)?.[1] ?? "unknown" };
  },
  run: async (target, { connections, payloadBytes, seconds, cpus }) => {
    const { stdout, cpuNs } = await runTool("wrk", cpus, (folder) => {
      const script = join(folder, "post.lua");
      // Without a request function wrk builds the request once, so Lua costs nothing per request.
      writeFileSync(
        script,
        [
          `wrk.method = "POST"`,
          `wrk.path = "/echo"`,
          `wrk.headers["Content-Type"] = "${CONTENT_TYPE}"`,
          `wrk.body = string.rep("x", ${payloadBytes})`,
        ].join("\n"),
      );
      const url = `http://${target.host}:${target.port}/echo`;
      return [
        `-t${Math.min(cpus.length, connections)}`,
        `-c${connections}`,
        `-d${seconds}s`,
        "--latency",
        "-s",
        script,
        url,
      ];
    });
    const [, requests] = /(\d+) requests in/.exec(stdout) ?? [];
    const [, perSecond] = /Requests\/sec:\s+([\d.]+)/.exec(stdout) ?? [];
    if (requests === undefined || perSecond === undefined)
      throw new Error(`wrk printed no result: ${stdout}`);
    if (/Non-2xx|Socket errors/.test(stdout)) throw new Error(`wrk met errors: ${stdout}`);
    const p50 = percentile(stdout, "50%");
    const p99 = percentile(stdout, "99%");
    return {
      // Its threads look at the clock ten times a second, so it takes a little longer than it was told.
      loadedSeconds: Number(requests) / Number(perSecond),
      requests: Number(requests),
      requestsPerSecond: Number(perSecond),
      clientCpuNsPerRequest: cpuNs / Number(requests),
      latencyNs: p50 === null || p99 === null ? null : { p50, p99 },
    };
  },
};

function percentile(stdout: string, name: string): number | null {
  const match = new RegExp(`^\\s+${name}\\s+([\\d.]+)(us|ms|s)$`, "m").exec(stdout);
  return match ? Number(match[1]) * UNIT_NS[match[2] as keyof typeof UNIT_NS] : null;
}
