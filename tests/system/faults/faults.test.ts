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
import { unixPathOf } from "./servers/unix.ts";
import { FEW_DESCRIPTORS, SHORTAGES } from "./shortages.ts";
import { SLOW_READERS } from "./slow-readers.ts";

const UNIX_MODULE = new URL("./servers/unix.ts", import.meta.url).href;
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
  ["reactor", "reactor-streams", "node-net", "thread-per-connection"].includes(framework) ||
  (framework === "native-echo" && ["epoll", "uring"].includes(variant)) ||
  (framework === "worker-shards" && variant === "reactor-epoll");

for (const discovered of frameworks) {
  for (const variant of discovered.variants) {
    if (isUnderFault(discovered.framework.name, variant.name)) await describeServer(discovered, variant);
  }
}

for (const { name, obstacle } of multiplexers()) {
  const title = `reactor/${name} on a Unix socket`;
  if (obstacle === null) describeFaultsOf(title, name, UNIX_MODULE, unixPathOf);
  else test(`${title} runs here`, (context) => context.skip(obstacle));
}

async function describeServer(discovered: DiscoveredFramework, variant: Variant): Promise<void> {
  const title = `${discovered.framework.name}/${variant.name}`;
  const availability = await variant.availability();
  if (!availability.available) {
    test(`${title} runs here`, (context) => context.skip(availability.reason));
    return;
  }
  describeFaultsOf(title, variant.name, discovered.moduleUrl);
}

/** `pathOf` says on which Unix socket the process listens. */
function describeFaultsOf(
  title: string,
  variant: string,
  moduleUrl: string,
  pathOf?: (pid: number) => string,
): void {
  const start = (descriptorLimit?: number): Promise<ServerProcess> =>
    startServerProcess(
      moduleUrl,
      {
        protocol: "tcp",
        variant,
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
    describeFaults("with plenty of descriptors", variant, PLENTY, pathOf, () => start());
    describeFaults("with few descriptors", variant, SHORTAGES, pathOf, () => start(FEW_DESCRIPTORS));
  });
}

/** One process for all of these faults: what one leaves behind, the next one meets. */
function describeFaults(
  title: string,
  variant: string,
  faults: readonly Fault[],
  pathOf: ((pid: number) => string) | undefined,
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
      const target = { host: "127.0.0.1", port, ...(pathOf && { path: pathOf(pid) }) };
      await fault.inflict({ target, pid, signal, watchLimit });
    };
    for (const fault of faults) {
      test(fault.name, { timeout: FAULT_TIMEOUT_MS }, () => inflict(fault));
    }
  });
}
