/** Which servers a profiler sees nothing of, and that it says so. */
import { expect, test } from "vitest";
import type { Variant } from "../../../harness/contract.ts";
import { discoverFrameworks } from "../../../harness/plan/discovery.ts";
import { blindness } from "../../../harness/profile/tool.ts";
import { clinicTools } from "../../../harness/profile/tools/clinic.ts";
import { cpuProf } from "../../../harness/profile/tools/cpu-prof.ts";

const frameworks = await discoverFrameworks();

function variantOf(framework: string): Variant {
  const [variant] = frameworks.find((one) => one.framework.name === framework)?.variants ?? [];
  if (variant === undefined) throw new Error(`There is no framework ${framework}.`);
  return variant;
}

const bubbleprof = clinicTools.find(({ name }) => name === "bubbleprof") ?? cpuProf;

test.each(["node-net", "node-http", "reactor", "uwebsockets", "worker-shards"])(
  "cpu-prof sees %s",
  (name) => {
    expect(blindness(cpuProf, name, variantOf(name))).toBeNull();
  },
);

test.each(["native-echo", "thread-per-connection", "bun", "deno"])("nothing of Node.js sees %s", (name) => {
  for (const tool of [cpuProf, ...clinicTools])
    expect(blindness(tool, name, variantOf(name))).toContain(variantOf(name).handledBy);
});

test("bubbleprof follows the sockets of Node.js", () => {
  expect(blindness(bubbleprof, "node-net", variantOf("node-net"))).toBeNull();
});

test.each(["reactor", "uwebsockets"])("bubbleprof does not follow those of %s", (name) => {
  expect(blindness(bubbleprof, name, variantOf(name))).toContain("waits by other means");
});
