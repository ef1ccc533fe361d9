/** The configuration file of the gate, and what the command line makes of it. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { defineConfig, readConfig, type GateConfig } from "../../../harness/gate/config.ts";
import { requestOf, whatIsCompared, type GateValues } from "../../../scripts/gate-options.ts";

let folder: string;
let files = 0;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-config-"));
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A file of its own each time, because modules are loaded once. */
function file(text: string): string {
  const path = join(folder, `config-${files++}.mjs`);
  writeFileSync(path, text);
  return path;
}

const refused = (config: unknown) =>
  expect(readConfig(file(`export default ${JSON.stringify(config)}`))).rejects;

describe("a configuration file", () => {
  test("is taken as it is", async () => {
    const config = defineConfig({
      base: "main",
      targets: [{ name: "api", command: "node server.js", setup: "npm ci" }],
      protocols: ["http"],
      margins: { "server-cpu": { ignorable: 0.01, mustCatch: 0.1 } },
      budget: { blocks: 20, minutes: 5 },
    });
    expect(await readConfig(file(`export default ${JSON.stringify(config)}`))).toEqual(config);
  });

  test("that does not exist is refused", async () => {
    await expect(readConfig(join(folder, "none.ts"))).rejects.toMatchObject({ exitCode: 2 });
  });

  test("that does not run is refused with the reason", async () => {
    await expect(readConfig(file("throw new Error('boom')"))).rejects.toThrow(/cannot be loaded: boom/);
  });

  test("without a default export is refused", async () => {
    await expect(readConfig(file("export const config = {}"))).rejects.toThrow(/defineConfig/);
  });

  test("with a field that there is not is refused by its name", async () => {
    await refused({ protocol: "http" }).toThrow(/protocol: expected no such field/);
  });

  test("with a protocol that there is not is refused by its place", async () => {
    await refused({ protocols: ["tcp", "quic"] }).toThrow(/protocols\[1\]/);
  });

  test("with margins of an endpoint that there is not is refused", async () => {
    await refused({ margins: { speed: { ignorable: 0, mustCatch: 1 } } }).toThrow(/margins\.speed/);
  });

  test("with too few blocks is refused", async () => {
    await refused({ budget: { blocks: 4 } }).toThrow(/budget\.blocks/);
  });

  test("with both kinds of servers is refused", async () => {
    await refused({ frameworks: ["reactor"], targets: [{ name: "a", command: "b" }] }).toThrow(
      /one kind at a time/,
    );
  });
});

describe("the command line", () => {
  const values = (given: Partial<GateValues>): GateValues => ({ format: "terminal", ...given }) as GateValues;
  const config: GateConfig = {
    ...{ base: "main", head: "HEAD", scenarios: ["accept"], budget: { blocks: 20, minutes: 5 } },
    targets: [{ name: "api", command: "node server.js" }],
  };

  test("wins over the file, and the file over what is usual", () => {
    expect(requestOf(values({ "max-blocks": "12" }), config)).toEqual({
      ...{ scenarios: ["accept"], mostBlocks: 12, mostMinutes: 5 },
    });
  });

  test("may name one side and take the other from the file", () => {
    expect(whatIsCompared(values({ head: "feature" }), config)).toMatchObject({
      ...{ base: "main", head: "feature", targets: config.targets },
    });
  });

  test("that names readymark's own servers leaves the file's targets out", () => {
    expect(whatIsCompared(values({ frameworks: "reactor/poll" }), config)).toMatchObject({
      ...{ frameworks: ["reactor/poll"], targets: null },
    });
  });

  test("sets both margins of time with one percentage", () => {
    const margins = { ignorable: expect.closeTo(0.04), mustCatch: 0.1 };
    expect(requestOf(values({ "min-effect": "10" }), {}).margins).toEqual({
      ...{ "server-cpu": margins, "time-per-operation": margins },
    });
  });

  test.each([
    [{ base: "main" }, /needs both sides/],
    [{ "base-command": "a" }, /needs both sides/],
    [{ "base-command": "a", "head-command": "b", head: "c" }, /one kind at a time/],
    [{ "base-command": "a", "head-command": "b", frameworks: "reactor" }, /leave it out/],
  ])("%o is refused", (given, message) => {
    expect(() => whatIsCompared(values(given), {})).toThrow(message);
  });

  test.each([
    [{ "min-effect": "0" }, /percentage/],
    [{ "max-blocks": "7" }, /from 8/],
    [{ "system-calls": "maybe" }, /policy for system calls/],
    [{ protocols: "quic" }, /quic/],
  ])("%o is refused, too", (given, message) => {
    expect(() => requestOf(values(given), {})).toThrow(message);
  });
});
