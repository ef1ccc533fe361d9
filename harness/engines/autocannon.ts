import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Type } from "typebox";
import { outputReader } from "../machine/child-output.ts";
import { IS_PACKAGED } from "../project.ts";
import { CONTENT_TYPE, type Engine } from "./engine.ts";
import { runTool } from "./run-tool.ts";

/** In a package it is the user's own, because nothing but this needs it. */
const require = createRequire(IS_PACKAGED ? join(process.cwd(), "package.json") : import.meta.url);

const readPackage = outputReader(
  "autocannon's package.json",
  Type.Object({ version: Type.String() }),
  "Run npm ci",
);
const count = Type.Number({ minimum: 0 });
const readResult = outputReader(
  "what autocannon printed",
  Type.Object({
    ...{ errors: count, timeouts: count, non2xx: count, "2xx": count, duration: count },
    latency: Type.Object({ p50: count, p99: count }),
  }),
  "Install the version that package-lock.json names: npm ci",
);

export const autocannon: Engine = {
  name: "autocannon",
  protocols: ["http"],
  caveat:
    "autocannon records whole milliseconds, so below 1 ms its latency reads 0; it is one thread of JavaScript, whose CPU time includes its start.",
  latencyResolutionNs: 1e6,
  availability: async () => {
    try {
      const { version } = readPackage(readFileSync(require.resolve("autocannon/package.json"), "utf8"));
      return { available: true, version };
    } catch {
      return { available: false, reason: "autocannon is not installed. Install it with: npm ci" };
    }
  },
  run: async (target, { connections, payloadBytes, seconds, cpus }) => {
    const { stdout, cpuNs } = await runTool(process.execPath, cpus, () => [
      require.resolve("autocannon"),
      ...["-c", String(connections), "-d", String(seconds), "-m", "POST", "-b", "x".repeat(payloadBytes)],
      ...["-H", `Content-Type=${CONTENT_TYPE}`],
      ...["--json", `http://${target.host}:${target.port}/echo`],
    ]);
    const result = readResult(stdout);
    if (result.errors + result.timeouts + result.non2xx > 0)
      throw new Error(`autocannon met errors: ${stdout}`);
    return {
      loadedSeconds: result.duration,
      requests: result["2xx"],
      requestsPerSecond: result["2xx"] / result.duration,
      clientCpuNsPerRequest: cpuNs / result["2xx"],
      // autocannon records whole milliseconds, so a server faster than that shows 0.
      latencyNs: { p50: result.latency.p50 * 1e6, p99: result.latency.p99 * 1e6 },
    };
  },
};
