/** Worker shards: which variants there are, how connections spread, how a shard that cannot start is reported. */
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import type { Variant } from "../../../harness/contract.ts";
import { frameworkNamed, frameworks, listenOptions } from "./listen-options.ts";

const workerShards = frameworkNamed("worker-shards");
const inner: Variant = {
  name: "default",
  description: "Any.",
  protocols: ["tcp"],
  tier: "quick",
  shardable: true,
  availability: async () => ({ available: false, reason: "not today" }),
};

function variantsOver(...variants: Variant[]): readonly Variant[] {
  return workerShards.variants([{ name: "peer", moduleUrl: "file:///peer.ts", variants }]);
}

test("a peer's default variant is named after the peer", () => {
  expect(variantsOver(inner).map((variant) => variant.name)).toEqual(["peer"]);
});

test("another variant of a peer is named after both", () => {
  expect(variantsOver({ ...inner, name: "fast" }).map((variant) => variant.name)).toEqual(["peer-fast"]);
});

test("a variant that cannot share a port is not sharded", () => {
  expect(variantsOver({ ...inner, shardable: false })).toEqual([]);
});

test("a variant without raw TCP is not sharded by default", () => {
  expect(variantsOver({ ...inner, protocols: ["http"] })[0]?.tier).toBe("named");
});

test("a shard is as available as what it runs", async () => {
  expect(await variantsOver(inner)[0]?.availability()).toEqual({ available: false, reason: "not today" });
});

test("no framework that wraps others is wrapped", () => {
  const names =
    frameworks.find(({ framework }) => framework === workerShards)?.variants.map((one) => one.name) ?? [];
  expect(names.filter((name) => name.startsWith("worker-shards"))).toEqual([]);
});

test("connections spread over two shards, and their counts add up", async () => {
  const server = await workerShards.listen(listenOptions({ variant: "node-net", shards: 2 }));
  const connections = 64;
  try {
    const sockets = await Promise.all(
      Array.from({ length: connections }, async () => {
        const socket = connect(server.port, "127.0.0.1").on("error", () => undefined);
        await once(socket, "connect");
        socket.write("x");
        await once(socket, "data");
        return socket;
      }),
    );
    const counts = (await server.connectionsPerShard?.()) ?? [];
    for (const socket of sockets) socket.destroy();
    expect(counts).toHaveLength(2);
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(connections);
    // The kernel hashes each connection to a shard: that all 64 hash to one has a probability of 2 to the power of -63.
    expect(Math.min(...counts)).toBeGreaterThan(0);
  } finally {
    await server.close();
  }
});

test("closing twice is closing once", async () => {
  const server = await workerShards.listen(listenOptions({ variant: "node-net", shards: 1 }));
  await server.close();
  await expect(server.close()).resolves.toBeUndefined();
});

test("a variant that no peer has is refused by name", async () => {
  await expect(workerShards.listen(listenOptions({ variant: "nobody" }))).rejects.toThrow(
    /worker-shards has no variant "nobody"/u,
  );
});

test("a module that cannot be loaded in a shard is reported with the shard", async () => {
  const folder = await mkdtemp(join(tmpdir(), "readymark-test-"));
  try {
    const file = join(folder, "broken.mjs");
    await writeFile(file, `throw new Error("This module is broken.");`);
    const peers = [{ name: "broken", moduleUrl: pathToFileURL(file).href, variants: ["default"] }];
    await expect(workerShards.listen(listenOptions({ variant: "broken", peers }))).rejects.toThrow(
      /^shard 1 of 2 over broken did not start: This module is broken\.$/u,
    );
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a later shard that cannot start closes the earlier ones", async () => {
  const folder = await mkdtemp(join(tmpdir(), "readymark-test-"));
  try {
    const file = join(folder, "single.mjs");
    const nodeNet = frameworks.find(({ framework }) => framework.name === "node-net")?.moduleUrl;
    // It cannot share a port, so that the second shard finds the port of the first taken.
    await writeFile(
      file,
      `import framework from ${JSON.stringify(nodeNet)};
       export default { ...framework, listen: (options) => framework.listen({ ...options, reusePort: false }) };`,
    );
    const peers = [{ name: "single", moduleUrl: pathToFileURL(file).href, variants: ["default"] }];
    const failure = await workerShards.listen(listenOptions({ variant: "single", peers })).then(
      () => "it started",
      (error: Error) => error.message,
    );
    const port = Number(/shard 2 of 2 over single did not start: .*127\.0\.0\.1:(\d+)/u.exec(failure)?.[1]);
    const [error] = (await once(connect(port, "127.0.0.1"), "error")) as [NodeJS.ErrnoException];
    expect(error.code).toBe("ECONNREFUSED");
  } finally {
    await rm(folder, { recursive: true });
  }
});
