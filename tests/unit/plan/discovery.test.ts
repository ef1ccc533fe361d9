/** Discovery reads folders, and says which file is wrong and how. */
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { expect, test } from "vitest";
import { discoverFrameworks, discoverScenarios, peersOf } from "../../../harness/plan/discovery.ts";

const VARIANT = `{ name: "default", description: "One.", protocols: ["tcp"], tier: "quick", shardable: true,
  availability: async () => ({ available: true, version: "1" }) }`;
const SCENARIO = `description: "One.", loop: "closed", operations: "echoes",
  tier: "quick", parameters: () => [], workload: () => undefined`;

function frameworkFile(name: string, variants = `() => [${VARIANT}]`, more = ""): string {
  return `export default { name: "${name}", description: "One.", variants: ${variants}, listen: async () => undefined, ${more} };`;
}

async function withProject<T>(files: Record<string, string>, use: (root: URL) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), "readymark-test-"));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return await use(pathToFileURL(`${folder}/`));
  } finally {
    await rm(folder, { recursive: true });
  }
}

test("frameworks come sorted by name, each with its module and its variants", async () => {
  const files = {
    "frameworks/b/framework.ts": frameworkFile("b"),
    "frameworks/a/framework.ts": frameworkFile("a"),
  };
  const found = await withProject(files, async (root) =>
    (await discoverFrameworks(root)).map(({ framework, moduleUrl, variants }) => [
      framework.name,
      moduleUrl.replace(root.href, ""),
      variants.map((variant) => variant.name),
    ]),
  );
  expect(found).toEqual([
    ["a", "frameworks/a/framework.ts", ["default"]],
    ["b", "frameworks/b/framework.ts", ["default"]],
  ]);
});

test("a framework that wraps its peers gets those that wrap no other", async () => {
  const wrapper = (name: string): string =>
    frameworkFile(
      name,
      `(peers) => peers.map((peer) => ({ ...peer.variants[0], name: peer.name }))`,
      "wrapsPeers: true",
    );
  const files = {
    "frameworks/a/framework.ts": wrapper("a"),
    "frameworks/b/framework.ts": frameworkFile("b"),
    "frameworks/c/framework.ts": wrapper("c"),
  };
  const [first] = await withProject(files, discoverFrameworks);
  expect(first?.variants.map((variant) => variant.name)).toEqual(["b"]);
});

test("a framework that wraps its peers is no peer of another", async () => {
  const files = {
    "frameworks/a/framework.ts": frameworkFile("a", "() => []", "wrapsPeers: true"),
    "frameworks/b/framework.ts": frameworkFile("b"),
  };
  const peers = peersOf(await withProject(files, discoverFrameworks));
  expect(peers.map((peer) => peer.name)).toEqual(["b"]);
});

test.each([
  [
    "a folder without the file",
    { "frameworks/a/other.ts": "" },
    /^frameworks\/a\/framework\.ts does not exist/u,
  ],
  [
    "no default export",
    { "frameworks/a/framework.ts": "export const a = 1;" },
    /framework\.ts has no default export/u,
  ],
  [
    "a syntax error",
    { "frameworks/a/framework.ts": "export default {" },
    /framework\.ts could not be loaded: /u,
  ],
  [
    "another name than the folder's",
    { "frameworks/a/framework.ts": frameworkFile("b") },
    /its name is "b", but its folder is "a"/u,
  ],
  [
    "no listen",
    { "frameworks/a/framework.ts": `export default { name: "a", description: "One.", variants: () => [] };` },
    /^frameworks\/a\/framework\.ts: "listen" is missing/u,
  ],
  [
    "variants that are no list",
    { "frameworks/a/framework.ts": frameworkFile("a", "() => undefined") },
    /variants\(\) must return a list/u,
  ],
  [
    "an unknown protocol",
    { "frameworks/a/framework.ts": frameworkFile("a", `() => [{ ...${VARIANT}, protocols: ["sctp"] }]`) },
    /variant "default": "protocols" must list one or more of tcp, http, ws/u,
  ],
  [
    "two variants of one name",
    { "frameworks/a/framework.ts": frameworkFile("a", `() => [${VARIANT}, ${VARIANT}]`) },
    /variant "default": two variants have this name/u,
  ],
  [
    "a variant that does not say which bench includes it",
    { "frameworks/a/framework.ts": frameworkFile("a", `() => [{ ...${VARIANT}, tier: undefined }]`) },
    /variant "default": "tier" must be one of quick, default, named/u,
  ],
])("a framework with %s is refused", async (_what, files, message) => {
  await expect(withProject(files, discoverFrameworks)).rejects.toThrow(message);
});

test("scenarios come sorted by name", async () => {
  const files = {
    "scenarios/b.ts": `export default { name: "b", ${SCENARIO} };`,
    "scenarios/a.ts": `export default { name: "a", ${SCENARIO} };`,
  };
  const found = await withProject(files, discoverScenarios);
  expect(found.map((scenario) => scenario.name)).toEqual(["a", "b"]);
});

test.each([
  [
    "another name than its file's",
    `{ name: "b", ${SCENARIO} }`,
    /scenarios\/a\.ts: its name is "b", but its file says "a"/u,
  ],
  [
    "an unknown loop",
    `{ name: "a", ${SCENARIO}, loop: "spiral" }`,
    /"loop" must be one of closed, open, churn/u,
  ],
  [
    "no workload",
    `{ name: "a", ${SCENARIO}, workload: undefined }`,
    /^scenarios\/a\.ts: "workload" is missing/u,
  ],
])("a scenario with %s is refused", async (_what, text, message) => {
  await expect(
    withProject({ "scenarios/a.ts": `export default ${text};` }, discoverScenarios),
  ).rejects.toThrow(message);
});

test("a project without frameworks has none", async () => {
  expect(await withProject({ "readme.txt": "" }, discoverFrameworks)).toEqual([]);
});
