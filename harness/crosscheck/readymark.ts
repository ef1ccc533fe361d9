import { startGenerator } from "../run/generator.ts";
import type { Engine } from "./engine.ts";

const WARMUP_SECONDS = 0.3;

export const readymark: Engine = {
  name: "readymark",
  availability: async () => ({ available: true, version: "this checkout" }),
  run: async (target, { connections, payloadBytes, seconds, cpus, seed }) => {
    const generator = startGenerator(cpus);
    try {
      const load = await generator.run(
        {
          loop: "closed",
          protocol: "http",
          host: target.host,
          port: target.port,
          connections,
          payloadBytes,
          pipeline: 1,
          seed,
          warmupSeconds: WARMUP_SECONDS,
          durationSeconds: seconds,
          timeoutSeconds: 5,
          threads: cpus.length,
          cpus: [...cpus],
          spin: false,
          serverPids: [...target.serverPids],
        },
        () => undefined,
      );
      const { ok, sent, firstError } = load.accounting;
      if (ok !== sent)
        throw new Error(`of ${sent} requests ${ok} were answered rightly; first error: ${firstError}`);
      if (load.clientCpuNs === null) throw new Error("the generator's CPU time could not be read");
      return {
        requestsPerSecond: load.operations / load.windowSeconds,
        clientCpuNsPerRequest: load.clientCpuNs / load.operations,
        latencyNs: load.latency && { p50: load.latency.latencyNs.p50, p99: load.latency.latencyNs.p99 },
      };
    } finally {
      await generator.stop();
    }
  },
};
