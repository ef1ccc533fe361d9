/** Every server on one of this project's transports, and two controls, under every fault. */
import { afterAll, beforeAll, describe, test, vi } from "vitest";
import { discoverFrameworks, peersOf, type DiscoveredFramework } from "../../../harness/plan/discovery.ts";
import { multiplexers } from "../../../reactor/index.ts";
import { startServerProcess, type ServerProcess } from "../conformance/server-process.ts";
import type { Variant } from "../../../harness/contract.ts";
import { BURSTS } from "./bursts.ts";
import { CROWDS } from "./crowds.ts";
import type { Fault } from "./fault.ts";
import { HALF_CLOSES } from "./half-closes.ts";
import { RESETS } from "./resets.ts";
import { FEW_DESCRIPTORS, SHORTAGES } from "./shortages.ts";
import { SLOW_READERS } from "./slow-readers.ts";

const FAULT_TIMEOUT_MS = 30_000;
const SHARDS = 2;
const SERVERS_AT_ONCE = 2;
const PLENTY = [...RESETS, ...HALF_CLOSES, ...BURSTS, ...SLOW_READERS, ...CROWDS];

vi.setConfig({ maxConcurrency: SERVERS_AT_ONCE });
const frameworks = await discoverFrameworks();
const peers = peersOf(frameworks).map(({ name, moduleUrl, variants }) => ({
  name,
  moduleUrl,
  variants: variants.map((variant) => variant.name),
}));

/** All variants of the reactor: each back end meets every fault. What others add to one of them meets it on that one. */
const isUnderFault = (framework: string, variant: string): boolean =>
  ["reactor", "node-net", "thread-per-connection"].includes(framework) ||
  (framework === "native-echo" && ["epoll", "uring"].includes(variant)) ||
  (framework === "worker-shards" && variant === "reactor-epoll");

for (const discovered of frameworks) {
  for (const variant of discovered.variants) {
    if (isUnderFault(discovered.framework.name, variant.name)) await describeServer(discovered, variant);
  }
}

async function describeServer(discovered: DiscoveredFramework, variant: Variant): Promise<void> {
  const title = `${discovered.framework.name}/${variant.name}`;
  const availability = await variant.availability();
  if (!availability.available) {
    test(`${title} runs here`, (context) => context.skip(availability.reason));
    return;
  }
  const start = (descriptorLimit?: number): Promise<ServerProcess> =>
    startServerProcess(
      discovered.moduleUrl,
      {
        protocol: "tcp",
        variant: variant.name,
        host: "127.0.0.1",
        port: 0,
        reusePort: false,
        shards: SHARDS,
        peers,
      },
      descriptorLimit,
    );
  // Servers that run side by side share nothing, and while one waits for what does not come, the other has the CPUs.
  describe.concurrent(title, () => {
    describeFaults("with plenty of descriptors", variant.name, PLENTY, () => start());
    describeFaults("with few descriptors", variant.name, SHORTAGES, () => start(FEW_DESCRIPTORS));
  });
}

/** One process for all of these faults: what one leaves behind, the next one meets. */
function describeFaults(
  title: string,
  variant: string,
  faults: readonly Fault[],
  start: () => Promise<ServerProcess>,
): void {
  describe(title, { concurrent: false }, () => {
    let server: ServerProcess | undefined;
    beforeAll(async () => {
      server = await start();
    });
    afterAll(() => server?.stop());

    const watchLimit = multiplexers().find(({ name }) => name === variant)?.limit ?? 0;
    const inflict = async (fault: Fault): Promise<void> => {
      const { port, pid } = server!;
      const signal = AbortSignal.timeout(FAULT_TIMEOUT_MS - 5000);
      await fault.inflict({ target: { host: "127.0.0.1", port }, pid, signal, watchLimit });
    };
    for (const fault of faults) {
      test(fault.name, { timeout: FAULT_TIMEOUT_MS }, () => inflict(fault));
    }
  });
}
