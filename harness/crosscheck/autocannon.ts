import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { CONTENT_TYPE, type Engine } from "./engine.ts";
import { runTool } from "./run-tool.ts";

const require = createRequire(import.meta.url);

export const autocannon: Engine = {
  name: "autocannon",
  protocols: ["http"],
  caveat:
    "autocannon records whole milliseconds, so below 1 ms its latency reads 0; it is one thread of JavaScript, whose CPU time includes its start.",
  latencyResolutionNs: 1e6,
  availability: async () => {
    try {
      const { version } = JSON.parse(readFileSync(require.resolve("autocannon/package.json"), "utf8"));
      return { available: true, version };
    } catch {
      return { available: false, reason: "autocannon is not installed; it is a devDependency: npm ci" };
    }
  },
  run: async (target, { connections, payloadBytes, seconds, cpus }) => {
    const { stdout, cpuNs } = await runTool(process.execPath, cpus, () => [
      require.resolve("autocannon"),
      ...["-c", String(connections), "-d", String(seconds), "-m", "POST", "-b", "x".repeat(payloadBytes)],
      ...["-H", `Content-Type=${CONTENT_TYPE}`],
      ...["--json", `http://${target.host}:${target.port}/echo`],
    ]);
    const result = JSON.parse(stdout);
    if (result.errors + result.timeouts + result.non2xx > 0)
      throw new Error(`autocannon met errors: ${stdout}`);
    return {
      loadedSeconds: seconds,
      requestsPerSecond: result["2xx"] / result.duration,
      clientCpuNsPerRequest: cpuNs / result["2xx"],
      // autocannon records whole milliseconds, so a server faster than that shows 0.
      latencyNs: { p50: result.latency.p50 * 1e6, p99: result.latency.p99 * 1e6 },
    };
  },
};
