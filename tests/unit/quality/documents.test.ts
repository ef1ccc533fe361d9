/** The TypeScript in the documents: all of it has the right types, and the complete examples do what the page says. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { PROJECT_ROOT } from "../../../harness/project.ts";

const DOCS = join(PROJECT_ROOT, "docs");
const REACTOR = join(PROJECT_ROOT, "reactor", "index.ts");

/** The blocks of one page, in their order; those that name the file they belong to are tested as that file elsewhere. */
function blocksOf(page: string): string[] {
  const text = readFileSync(join(DOCS, page), "utf8");
  return [...text.matchAll(/^```ts\n([\s\S]*?)^```/gm)]
    .map(([, code]) => code!)
    .filter((code) => !code.startsWith("// frameworks/"));
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-documents-"));
  symlinkSync(join(PROJECT_ROOT, "node_modules"), join(folder, "node_modules"));
});
afterAll(() => rmSync(folder, { recursive: true }));

test("has the right types", { timeout: 120_000 }, () => {
  for (const page of readdirSync(DOCS))
    for (const [index, code] of blocksOf(page).entries())
      writeFileSync(join(folder, `${page}-${index}.ts`), `${code}\nexport {};\n`);
  const config = {
    extends: join(PROJECT_ROOT, "tsconfig.json"),
    compilerOptions: {
      paths: { "readymark/reactor": [REACTOR] },
      // Examples declare what a reader would go on with.
      noUnusedLocals: false,
    },
    include: ["*.ts"],
  };
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const tsc = join(PROJECT_ROOT, "node_modules", ".bin", "tsc");
  const { stdout, status } = spawnSync(tsc, ["-p", folder], { cwd: folder, encoding: "utf8" });
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

test("the reactor's complete example prints what the page says", () => {
  const [example = ""] = blocksOf("reactor.md");
  const file = join(folder, "echo.ts");
  writeFileSync(file, example.replaceAll('"readymark/reactor"', JSON.stringify(pathToFileURL(REACTOR).href)));
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", file],
    {
      encoding: "utf8",
    },
  );
  expect({ stdout, stderr, status }).toEqual({
    stdout: "echo: hello\nclosed\naccepted: 1\n",
    stderr: "",
    status: 0,
  });
});
