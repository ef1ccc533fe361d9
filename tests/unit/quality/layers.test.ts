/** The linter keeps the rooms and layers apart: it reports every import that is planted against the rules, and no other. */
import { spawnSync } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { FOUNDATION, LAYERS } from "../../../oxlint.config.ts";

interface Finding {
  filename: string;
  code: string;
  help: string;
}

/** What the linter finds in files with these contents, by their paths, under this project's rules. */
function lint(files: Record<string, string>): Finding[] {
  const folder = mkdtempSync(join(tmpdir(), "readymark-layers-test-"));
  try {
    copyFileSync(join(PROJECT_ROOT, "oxlint.config.ts"), join(folder, "oxlint.config.ts"));
    symlinkSync(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
    for (const [path, content] of Object.entries(files)) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), content);
    }
    const { status, stdout, stderr } = spawnSync(
      join(PROJECT_ROOT, "node_modules", ".bin", "oxlint"),
      ["--deny-warnings", "--format", "json"],
      { cwd: folder, encoding: "utf8" },
    );
    const { diagnostics, number_of_files: read } = JSON.parse(stdout) as {
      diagnostics: Finding[];
      number_of_files: number;
    };
    expect(read, stderr).toBeGreaterThanOrEqual(Object.keys(files).length);
    expect(status, stderr).toBe(diagnostics.length > 0 ? 1 : 0);
    return diagnostics;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A file that imports this and uses it. */
function importing(specifier: string): string {
  return `import { one } from ${JSON.stringify(specifier)};\nexport const own = [one];\n`;
}

const layers = LAYERS.flatMap((besideEachOther, height) =>
  besideEachOther.map((layer) => ({ layer, height })),
);
const foundation = FOUNDATION.map((name) => `harness/${name}.ts`);

/** Every file that an import below leads to, so that nothing is reported for being missing. */
const TARGETS = Object.fromEntries(
  [
    ...layers.map(({ layer }) => `harness/${layer}/target.ts`),
    ...foundation,
    ...["harness/index.ts", "scripts/target.ts", "frameworks/other/framework.ts", "scenarios/target.ts"],
    ...["protocols/target.ts", "reactor/index.ts", "native/index.ts", "tests/target.ts"],
  ].map((path) => [path, "export const one = 1;\n"]),
);

/** Plants one file for each import, and returns the files with the reports of restricted imports in them. */
function reported(planted: readonly (readonly [from: string, specifier: string])[]): Map<string, Finding> {
  const files = planted.map(([from, specifier]) => [from, importing(specifier)] as const);
  expect(new Set(files.map(([path]) => path)).size).toBe(planted.length);
  const findings = lint({ ...TARGETS, ...Object.fromEntries(files) });
  expect(findings.map(({ code }) => code)).toEqual(findings.map(() => "eslint(no-restricted-imports)"));
  return new Map(findings.map((finding) => [finding.filename, finding]));
}

const pairs = layers.flatMap((from) =>
  layers
    .filter((to) => to.layer !== from.layer)
    .map((to) => ({
      file: `harness/${from.layer}/uses-${to.layer}.ts`,
      specifier: `../${to.layer}/target.ts`,
      isAllowed: to.height < from.height,
    })),
);
const plant = (allowed: boolean) =>
  pairs
    .filter(({ isAllowed }) => isAllowed === allowed)
    .map(({ file, specifier }) => [file, specifier] as const);

describe("the layers of the harness", () => {
  test("each may import every lower one", () => {
    expect(plant(true).length).toBeGreaterThan(layers.length);
    expect([...reported(plant(true)).keys()]).toEqual([]);
  });

  test("none imports a higher one, or one beside it", () => {
    const planted = plant(false);
    expect([...reported(planted).keys()].toSorted()).toEqual(planted.map(([file]) => file).toSorted());
  });

  test("a report says which layers may be imported", () => {
    const file = "harness/results/deep/planted.ts";
    expect(reported([[file, "../../run/target.ts"]]).get(file)?.help).toBe(
      "harness/results imports only lower layers: statistics.",
    );
  });

  test("none imports what is outside the harness for programs, or above it", () => {
    const planted = layers.flatMap(({ layer }) =>
      ["../index.ts", "../../scripts/target.ts", "../../scenarios/target.ts"].map(
        (specifier, index) => [`harness/${layer}/planted-${index}.ts`, specifier] as const,
      ),
    );
    expect([...reported(planted).keys()].toSorted()).toEqual(planted.map(([file]) => file).toSorted());
  });
});

test("every folder of the harness is a layer", () => {
  const folders = readdirSync(join(PROJECT_ROOT, "harness"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name);
  expect(folders.toSorted()).toEqual(layers.map(({ layer }) => layer).toSorted());
});

describe("the other rooms", () => {
  test("each may import what it needs", () => {
    const [first = "", second = ""] = FOUNDATION.filter((name) => name !== "contract");
    const planted = [
      [`harness/${first}.ts`, `./${second}.ts`],
      ["harness/run/planted-foundation.ts", `../${first}.ts`],
      ["harness/run/planted-native.ts", "../../native/index.ts"],
      ["harness/statistics/planted.ts", "./target.ts"],
      ["scenarios/planted.ts", "../harness/contract.ts"],
      ["frameworks/planted/framework.ts", "../../harness/contract.ts"],
      ["frameworks/planted/planted-codec.ts", "../../protocols/target.ts"],
      ["frameworks/planted/planted-reactor.ts", "../../reactor/index.ts"],
      ["frameworks/planted/planted-own.ts", "./framework.ts"],
      ["protocols/planted.ts", "./target.ts"],
      ["reactor/planted.ts", "../native/index.ts"],
      ["scripts/planted.ts", "../harness/index.ts"],
    ] as const;
    expect([...reported(planted).keys()]).toEqual([]);
  });

  test("none imports anything else", () => {
    const planted = [
      ...foundation.map((file) => [file, "./results/target.ts"] as const),
      ["harness/statistics/planted-built-in.ts", "node:fs"],
      ["scenarios/planted-harness.ts", "../harness/results/target.ts"],
      ["scenarios/planted-scenario.ts", "./target.ts"],
      ["scenarios/planted-built-in.ts", "node:fs"],
      ["frameworks/planted/framework.ts", "../../harness/results/target.ts"],
      ["frameworks/planted/planted-index.ts", "../../harness/index.ts"],
      ["frameworks/planted/planted-peer.ts", "../other/framework.ts"],
      ["frameworks/planted/planted-scenario.ts", "../../scenarios/target.ts"],
      ["frameworks/planted/planted-script.ts", "../../scripts/target.ts"],
      ["protocols/planted-harness.ts", "../harness/contract.ts"],
      ["protocols/planted-socket.ts", "node:net"],
      ["reactor/planted-harness.ts", "../harness/contract.ts"],
      ["reactor/planted-codec.ts", "../protocols/target.ts"],
    ] as const;
    expect([...reported(planted).keys()].toSorted()).toEqual(planted.map(([file]) => file).toSorted());
  });
});

test("two files that import only types from one another are a circle", () => {
  const findings = lint({
    "harness/run/hen.ts": 'import type { Egg } from "./egg.ts";\nexport type Hen = { lays: Egg };\n',
    "harness/run/egg.ts": 'import type { Hen } from "./hen.ts";\nexport type Egg = { of: Hen | null };\n',
  });
  expect(findings.map(({ filename, code }) => `${filename} ${code}`).toSorted()).toEqual([
    "harness/run/egg.ts import(no-cycle)",
    "harness/run/hen.ts import(no-cycle)",
  ]);
});
