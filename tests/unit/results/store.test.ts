import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { ResultError } from "../../../harness/results/error.ts";
import { listRuns, publishRun, readRun, resolveRun, writeRun } from "../../../harness/results/store.ts";
import type { Run } from "../../../harness/results/run.ts";
import { fixtureRun } from "../../fixtures/run.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-store-"));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

function errorOf(action: () => unknown): ResultError {
  try {
    action();
  } catch (error) {
    if (error instanceof ResultError) return error;
    throw error;
  }
  throw new Error("Nothing was thrown.");
}

describe("a published run", () => {
  test("is the same run without the histograms of samples, and smaller", () => {
    const run = fixtureRun();
    const path = publishRun(run, folder);
    const published = readRun(path);
    const others = ({ cells, ...rest }: Run): unknown =>
      JSON.parse(
        JSON.stringify({ ...rest, cells }, (key, value) => (key === "histogram" ? null : (value as unknown))),
      );
    expect(others(published)).toEqual(others(run));
    const merged = ({ cells }: Run): unknown[] => cells.map(({ summary }) => summary?.histogram);
    expect(merged(published)).toEqual(merged(run));
    expect(merged(run)).toContainEqual(expect.any(String));
    expect(readFileSync(path).length).toBeLessThan(JSON.stringify(run).length / 2);
  });

  test("is found by its id, its folder and its path", () => {
    const run = fixtureRun();
    const path = publishRun(run, folder);
    expect(resolveRun(run.id, folder)).toBe(path);
    expect(resolveRun(join(folder, run.id))).toBe(path);
    expect(listRuns(folder)).toEqual([{ id: run.id, path }]);
  });

  test("gives way to the run that may still grow", () => {
    const run = fixtureRun();
    publishRun(run, folder);
    const path = writeRun(join(folder, run.id), run);
    expect(listRuns(folder)).toEqual([{ id: run.id, path }]);
  });

  test("that was cut short is said to be damaged", () => {
    const path = publishRun(fixtureRun(), folder);
    writeFileSync(path, readFileSync(path).subarray(0, 1000));
    const error = errorOf(() => readRun(path));
    expect(error.kind).toBe("damaged");
    expect(error.message).toContain("is not whole");
  });
});

describe("writing a run", () => {
  test("gives back the same run when it is read", () => {
    const run = fixtureRun();
    expect(readRun(writeRun(join(folder, "new", "run"), run))).toEqual(run);
  });

  test("leaves nothing but the file", () => {
    writeRun(folder, fixtureRun());
    writeRun(folder, fixtureRun());
    expect(readdirSync(folder)).toEqual(["run.json"]);
  });

  test("refuses a run that breaks the schema and keeps the one on disk", () => {
    const path = writeRun(folder, fixtureRun());
    const before = readFileSync(path, "utf8");
    const error = errorOf(() => writeRun(folder, { ...fixtureRun(), id: 7 as unknown as string }));
    expect(error.problems).toEqual(["id: expected text, found 7"]);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("replaces the file rather than changing it, so that a reader keeps what it opened", () => {
    const path = writeRun(folder, fixtureRun());
    const reader = join(folder, "opened.json");
    execFileSync("ln", [path, reader]);
    const before = readFileSync(reader, "utf8");
    writeRun(folder, { ...fixtureRun(), warnings: ["changed"] });
    expect(readFileSync(reader, "utf8")).toBe(before);
    expect(readRun(path).warnings).toEqual(["changed"]);
  });

  test("says that a file stands where the folder should be", () => {
    writeFileSync(join(folder, "file"), "");
    const error = errorOf(() => writeRun(join(folder, "file"), fixtureRun()));
    expect(error.kind).toBe("unwritable");
    expect(error.message).toMatch(/a file is in the place of this folder\. Choose another folder/);
  });

  test("removes the half-written file when a folder stands where the file should be", () => {
    mkdirSync(join(folder, "run.json"));
    const error = errorOf(() => writeRun(folder, fixtureRun()));
    expect(error.message).toMatch(/a folder is in the place of this file/);
    expect(readdirSync(folder)).toEqual(["run.json"]);
  });

  test("cut off in the middle by a size limit keeps the old file, leaves no other and says what to do", () => {
    const path = writeRun(folder, fixtureRun());
    const before = readFileSync(path, "utf8");
    const store = new URL("../../../harness/results/store.ts", import.meta.url).href;
    const fixture = new URL("../../fixtures/run.ts", import.meta.url).href;
    const script = `
      import { writeRun } from ${JSON.stringify(store)};
      import { fixtureRun } from ${JSON.stringify(fixture)};
      try { writeRun(${JSON.stringify(folder)}, fixtureRun()); } catch (error) { console.log(error.kind, error.message); }`;
    // The limit makes the kernel refuse a write half-way, as a full disk does, and needs no privilege to set.
    const limited = `trap "" XFSZ; ulimit -f 100; exec "$0" --input-type=module -e "$1"`;
    const { stdout } = spawnSync("sh", ["-c", limited, process.execPath, script], { encoding: "utf8" });
    expect(stdout).toMatch(/^unwritable .*EFBIG.*ulimit -f.*is untouched/);
    expect(readdirSync(folder)).toEqual(["run.json"]);
    expect(readFileSync(path, "utf8")).toBe(before);
  });

  test("on a full disk keeps the old file, leaves no other and says what to do", ({ skip }) => {
    const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=1536k", "tmpfs", folder], {
      encoding: "utf8",
    });
    skip(
      mounted.status !== 0,
      `a small disk could not be mounted here: ${mounted.stderr || mounted.error?.message}`,
    );
    try {
      const path = writeRun(folder, fixtureRun());
      const before = readFileSync(path, "utf8");
      const error = errorOf(() => writeRun(folder, fixtureRun()));
      expect(error.message).toMatch(/ENOSPC.*the disk is full\. Free some space/);
      expect(readdirSync(folder)).toEqual(["run.json"]);
      expect(readFileSync(path, "utf8")).toBe(before);
    } finally {
      execFileSync("umount", [folder]);
    }
  });
});

describe("reading a run", () => {
  test("takes the folder as well as the file", () => {
    writeRun(folder, fixtureRun());
    expect(readRun(folder).id).toBe("fixture-0001");
  });

  test("says that there is none", () => {
    const error = errorOf(() => readRun(join(folder, "absent.json")));
    expect(error.kind).toBe("missing");
    expect(error.message).toMatch(/There is no run at .*absent\.json: give the path/);
  });

  test("names the file that a folder lacks", () => {
    expect(errorOf(() => readRun(folder)).message).toContain(join(folder, "run.json"));
  });

  test("gives line and column of broken JSON", () => {
    const path = join(folder, "run.json");
    writeFileSync(path, '{\n "schema": "readymark/run@1"\n "id": "x"\n}');
    const error = errorOf(() => readRun(path));
    expect(error.kind).toBe("damaged");
    expect(error.message).toMatch(
      /not valid JSON at line 3, column 2: Expected ',' or '}' after property value/,
    );
  });

  test("quotes the surroundings of an unexpected character", () => {
    const path = join(folder, "run.json");
    writeFileSync(path, '{ "id": oops }');
    expect(errorOf(() => readRun(path)).message).toMatch(/is not valid JSON: Unexpected token 'o'.*oops/);
  });

  test("gives the end of a file that was cut short", () => {
    const path = writeRun(folder, fixtureRun());
    const whole = readFileSync(path, "utf8");
    writeFileSync(path, whole.slice(0, whole.indexOf('"plan"')));
    const lines = whole.slice(0, whole.indexOf('"plan"')).split("\n").length;
    expect(errorOf(() => readRun(path)).message).toContain(`not valid JSON at line ${lines}, column `);
  });
});

describe("finding a run", () => {
  beforeEach(() => {
    for (const id of ["20260101-120000-ab12", "20260102-120000-cd34"])
      writeRun(join(folder, id), fixtureRun());
    mkdirSync(join(folder, "no-run-inside"));
  });

  test("lists the folders that hold one, sorted", () => {
    expect(listRuns(folder).map(({ id }) => id)).toEqual(["20260101-120000-ab12", "20260102-120000-cd34"]);
  });

  test("lists nothing where there is no folder", () => {
    expect(listRuns(join(folder, "absent"))).toEqual([]);
  });

  test("resolves an id", () => {
    const path = join(folder, "20260102-120000-cd34", "run.json");
    expect(resolveRun("20260102-120000-cd34", folder)).toBe(path);
  });

  test("resolves the path of a folder and of a file", () => {
    const path = join(folder, "20260102-120000-cd34", "run.json");
    expect(resolveRun(path, "/nowhere")).toBe(path);
    expect(resolveRun(join(folder, "20260102-120000-cd34"), "/nowhere")).toBe(path);
  });

  test("suggests the nearest id for a mistyped one", () => {
    const error = errorOf(() => resolveRun("20260102-120000-cd43", folder));
    expect(error.message).toContain('Did you mean "20260102-120000-cd34"?');
  });

  test("names the latest when nothing is near", () => {
    const error = errorOf(() => resolveRun("yesterday", folder));
    expect(error.message).toContain("The latest there are 20260102-120000-cd34, 20260101-120000-ab12.");
  });

  test("says how to make the first one", () => {
    expect(errorOf(() => resolveRun("any", join(folder, "absent"))).message).toContain(
      "`npm run bench` makes one",
    );
  });
});
