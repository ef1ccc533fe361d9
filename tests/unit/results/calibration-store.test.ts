/** The calibration that a run carries: the latest, with what must be said of it, or the reason why there is none. */
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { carriedCalibration, writeCalibration } from "../../../harness/results/calibration-store.ts";
import { Failure } from "../../../harness/failure.ts";
import type { Calibration } from "../../../harness/results/calibration.ts";
import { fixtureRun } from "../../fixtures/run.ts";

const { calibration } = fixtureRun().environment;
if (calibration === null) throw new Error("the fixture has no calibration");
const { cpuModel, kernel, binaries } = calibration;
const PASSED: Calibration = { ...calibration, verdict: "passed", reason: null };

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "readymark-calibration-"));
  file = join(folder, "calibration.json");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("a run carries", () => {
  test("null and the way to get one when there was never any", () => {
    const carried = carriedCalibration({ cpuModel, kernel, binaries }, file);
    expect(carried.calibration).toBeNull();
    expect(carried.calibrationRemark).toMatch(/never been calibrated.*calibrate/);
  });

  test("the latest without a remark when it passed with the same binaries", () => {
    writeCalibration({ ...PASSED, seed: 1 }, file);
    writeCalibration(PASSED, file);
    expect(carriedCalibration({ cpuModel, kernel, binaries }, file)).toEqual({
      calibration: PASSED,
      calibrationRemark: null,
    });
  });

  test("one of another build with the names of what changed", () => {
    writeCalibration(PASSED, file);
    const now = { cpuModel, kernel: "7.0", binaries: { ...binaries, addon: "00".repeat(32) } };
    const carried = carriedCalibration(now, file);
    expect(carried.calibration).toEqual(PASSED);
    expect(carried.calibrationRemark).toContain("the kernel, addon changed");
  });

  test("one that did not pass with its reason", () => {
    writeCalibration(calibration, file);
    const { calibrationRemark } = carriedCalibration({ cpuModel, kernel, binaries }, file);
    expect(calibrationRemark).toBe(`It did not pass: ${calibration.reason}`);
  });

  test.each(["{", "{}", JSON.stringify({ ...PASSED, verdict: "fine" })])(
    "null for the damaged file %s",
    (text) => {
      writeFileSync(file, text);
      const carried = carriedCalibration({ cpuModel, kernel, binaries }, file);
      expect(carried.calibration).toBeNull();
      expect(carried.calibrationRemark).toContain("damaged");
    },
  );
});

test("writing leaves one file", () => {
  writeCalibration(PASSED, file);
  expect(readdirSync(folder)).toEqual(["calibration.json"]);
});

test("a folder that cannot be written to is an environment's failure, in words", () => {
  writeFileSync(file, "");
  expect(() => writeCalibration(PASSED, join(file, "calibration.json"))).toThrow(Failure);
});
