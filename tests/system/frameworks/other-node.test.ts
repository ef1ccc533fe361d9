/** Servers on a Node.js binary that the user names. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { frameworkSource } from "../../../harness/children/server/framework-server.ts";
import { availabilitiesUnder, nodeVersion } from "../../../harness/plan/other-node.ts";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-node-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

/** The same binary by another path, which notes that it was run. */
function witness(name: string, version = process.version): { node: string; note: string } {
  const [node, note] = [join(folder, name), join(folder, `${name}.note`)];
  writeFileSync(
    node,
    `#!/bin/sh\nif [ "$1" = --version ]; then echo ${version}; exit; fi\necho run >> '${note}'\nexec '${process.execPath}' "$@"\n`,
  );
  chmodSync(node, 0o755);
  return { node, note };
}

test("a server runs on the binary that was named", async () => {
  const { node, note } = witness("named");
  const source = frameworkSource({
    moduleUrl: new URL("../../../frameworks/node-net/framework.ts", import.meta.url).href,
    ...{ variant: "default", peers: [], node },
  });
  const server = await source({ protocol: "tcp", cpus: [0], shards: 1, port: 0 });
  try {
    expect(readFileSync(note, "utf8")).toBe("run\n");
  } finally {
    await server.stop();
  }
});

test("which servers can run is asked of that binary", async () => {
  const answers = await availabilitiesUnder(witness("asked").node);
  expect(answers["node-net/default"]).toEqual({ available: true, version: `Node.js ${process.version}` });
});

test("one that is too old is refused with what is needed", () => {
  expect(() => nodeVersion(witness("old", "v20.11.1").node)).toThrow("takes Node.js 22.15 or later");
});
