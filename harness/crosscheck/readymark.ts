import { startGenerator } from "../children/generator/generator.ts";
import { WARMUP_SECONDS, type Engine } from "../engines/engine.ts";

export const readymark: Engine = {
  name: "readymark",
  protocols: ["tcp", "http"],
  availability: async () => ({ available: true, version: "this checkout" }),
  run: async (target, { protocol, connections, payloadBytes, seconds, cpus, seed }) => {
    const generator = startGenerator(cpus);
    try {
      const load = await generator.run(
        {
          loop: "closed",
          protocol,
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
        loadedSeconds: WARMUP_SECONDS + seconds,
        requests: ok,
        requestsPerSecond: load.operations / load.windowSeconds,
        clientCpuNsPerRequest: load.clientCpuNs / load.operations,
        latencyNs: load.latency && { p50: load.latency.latencyNs.p50, p99: load.latency.latencyNs.p99 },
      };
    } finally {
      await generator.stop();
    }
  },
};
