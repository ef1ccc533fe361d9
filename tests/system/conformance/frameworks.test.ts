/** Every framework, variant and protocol that runs here passes the whole suite, but for what it declares. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../../harness/conformance/cases.ts";
import { runConformance } from "../../../harness/conformance/suite.ts";
import type { Protocol, Variant } from "../../../harness/contract.ts";
import { discoverFrameworks, peersOf, type DiscoveredFramework } from "../../../harness/plan/discovery.ts";
import type { ConformanceCase } from "../../../harness/results/run.ts";
import { startServerProcess, type ServerProcess } from "./server-process.ts";

const CASE_TIMEOUT_MS = 20_000;
const SUITE_TIMEOUT_MS = 300_000;

const frameworks = await discoverFrameworks();
const peers = peersOf(frameworks).map(({ name, moduleUrl, variants }) => ({
  name,
  moduleUrl,
  variants: variants.map((variant) => variant.name),
}));

for (const discovered of frameworks) {
  for (const variant of discovered.variants) {
    for (const protocol of variant.protocols) await describeServer(discovered, variant, protocol);
  }
}

async function describeServer(
  { framework, moduleUrl }: DiscoveredFramework,
  variant: Variant,
  protocol: Protocol,
): Promise<void> {
  const title = `${framework.name}/${variant.name} over ${protocol}`;
  const availability = await variant.availability();
  if (!availability.available) {
    test(`${title} runs here`, (context) => context.skip(availability.reason));
    return;
  }
  describe(title, () => {
    let server: ServerProcess | undefined;
    let results: ConformanceCase[] = [];
    beforeAll(async () => {
      server = await startServerProcess(moduleUrl, {
        protocol,
        variant: variant.name,
        host: "127.0.0.1",
        port: 0,
        reusePort: false,
        shards: 2,
        peers,
      });
      const target = { host: "127.0.0.1", port: server.port, protocol };
      results = await runConformance(target, { form: "full", timeoutMs: CASE_TIMEOUT_MS });
    }, SUITE_TIMEOUT_MS);
    afterAll(() => server?.stop());

    for (const { name } of CONFORMANCE_CASES.filter((one) => one.protocols.includes(protocol))) {
      const deviation = variant.deviations?.find((one) => one.protocol === protocol && one.caseName === name);
      if (deviation?.occurs === "sometimes") {
        test(name, (context) => context.skip(`Sometimes deviates: ${deviation.reason}`));
      } else if (deviation) {
        test(`deviates as declared: ${name}`, () => expect(result(results, name).passed).toBe(false));
      } else {
        test(name, () => expect(result(results, name).reason).toBeNull());
      }
    }
  });
}

function result(results: readonly ConformanceCase[], name: string): ConformanceCase {
  const found = results.find((one) => one.name === name);
  if (!found) throw new Error(`The suite did not run the case "${name}".`);
  return found;
}

const declared = frameworks.flatMap(({ framework, variants }) =>
  variants.flatMap((variant) =>
    (variant.deviations ?? []).map((deviation) => ({
      ...deviation,
      server: `${framework.name}/${variant.name}`,
    })),
  ),
);
test.each(declared)(
  "$server declares a deviation from a case of the full form: $protocol, $caseName",
  (deviation) => {
    const found = CONFORMANCE_CASES.find(
      (one) => one.name === deviation.caseName && one.protocols.includes(deviation.protocol),
    );
    expect(found?.form).toBe("full");
  },
);
