/** Every framework, variant and protocol that runs here passes the whole suite, but for what it declares. */
import { beforeAll, describe, expect, test } from "vitest";
import { CONFORMANCE_CASES } from "../../../harness/conformance/cases.ts";
import { runConformance } from "../../../harness/conformance/suite.ts";
import type { Protocol, Variant } from "../../../harness/contract.ts";
import { discoverFrameworks, peersOf } from "../../../harness/plan/discovery.ts";
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

interface Server {
  title: string;
  moduleUrl: string;
  variant: Variant;
}

const servers: Server[] = [];
for (const { framework, moduleUrl, variants } of frameworks) {
  for (const variant of variants) {
    const title = `${framework.name}/${variant.name}`;
    const availability = await variant.availability();
    if (availability.available) servers.push({ title, moduleUrl, variant });
    else test(`${title} runs here`, (context) => context.skip(availability.reason));
  }
}

type Results = Map<Protocol, ConformanceCase[]>;
const begun: Promise<Results>[] = [];

/** The results of a server, while the next one begins: a suite leaves CPUs idle, and a start takes long. */
function resultsOf(index: number): Promise<Results> {
  for (const next of [index, index + 1]) {
    const server = servers[next];
    if (server) begun[next] ??= runSuites(server);
    // Whoever asks for it is told; until then nobody waits for it.
    begun[next]?.catch(() => undefined);
  }
  return begun[index]!;
}

/** One process listens for all protocols, because most of a suite's time would else be its server's start. */
async function runSuites({ moduleUrl, variant }: Server): Promise<Results> {
  const common = { variant: variant.name, host: "127.0.0.1", port: 0, reusePort: false, shards: 2, peers };
  const results: Results = new Map();
  let server: ServerProcess | undefined;
  try {
    for (const protocol of variant.protocols) {
      const options = { ...common, protocol };
      let port: number;
      if (server) port = await server.listen(options);
      else ({ port } = server = await startServerProcess(moduleUrl, options));
      const target = { host: "127.0.0.1", port, protocol };
      results.set(protocol, await runConformance(target, { form: "full", timeoutMs: CASE_TIMEOUT_MS }));
    }
    return results;
  } finally {
    await server?.stop();
  }
}

describe.each(servers.map((server, index) => ({ ...server, index })))("$title", ({ variant, index }) => {
  let results: Results = new Map();
  beforeAll(async () => {
    results = await resultsOf(index);
  }, SUITE_TIMEOUT_MS);

  for (const protocol of variant.protocols)
    describe(`over ${protocol}`, () => {
      for (const { name } of CONFORMANCE_CASES.filter((one) => one.protocols.includes(protocol))) {
        const deviation = variant.deviations?.find(
          (one) => one.protocol === protocol && one.caseName === name,
        );
        const result = (): ConformanceCase => resultNamed(results.get(protocol) ?? [], name);
        if (deviation?.occurs === "sometimes") {
          test(`deviates sometimes, as declared: ${name}`, async ({ annotate }) => {
            const { passed, reason } = result();
            await annotate(passed ? "This time it did not deviate." : `This time it deviated: ${reason}`);
          });
        } else if (deviation) {
          test(`deviates as declared: ${name}`, () => expect(result().passed).toBe(false));
        } else {
          test(name, () => expect(result().reason).toBeNull());
        }
      }
    });
});

function resultNamed(results: readonly ConformanceCase[], name: string): ConformanceCase {
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
