/** The latest calibration on disk, and what must be said of it when it is carried in a run. */
import { mkdirSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../failure.ts";
import { CALIBRATION_FILE } from "../project.ts";
import type { Calibration } from "./calibration.ts";
import { replaceFile } from "./replace-file.ts";
import type { Environment } from "./run.ts";
import { isCalibration } from "./validate.ts";

/** Puts it in the place of the one before. Throws a Failure when the system does not let it. */
export function writeCalibration(calibration: Calibration, file: string = CALIBRATION_FILE): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    replaceFile(file, `${JSON.stringify(calibration, null, 1)}\n`);
  } catch (error) {
    throw new Failure(
      4,
      `The calibration could not be written to ${file}: ${(error as Error).message}. Mend that, then calibrate again.`,
    );
  }
}

export type CarriedCalibration = Pick<Environment, "calibration" | "calibrationRemark">;

const HOW = "run: npm run -s readymark -- calibrate";

/** The latest calibration as a run on this machine, with these binaries, carries it. */
export function carriedCalibration(
  now: Pick<Calibration, "cpuModel" | "kernel" | "binaries">,
  file: string = CALIBRATION_FILE,
): CarriedCalibration {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const why =
      code === "ENOENT" ? "has never been calibrated" : `has a calibration that cannot be read (${message})`;
    return { calibration: null, calibrationRemark: `The load generator here ${why}; ${HOW}` };
  }
  const calibration = parse(text);
  if (calibration === null) {
    const calibrationRemark = `The calibration in ${file} is damaged or of another version; ${HOW}`;
    return { calibration, calibrationRemark };
  }
  return { calibration, calibrationRemark: remarkOn(calibration, now) };
}

function parse(text: string): Calibration | null {
  try {
    const value: unknown = JSON.parse(text);
    return isCalibration(value) ? value : null;
  } catch {
    return null;
  }
}

function remarkOn(
  calibration: Calibration,
  now: Pick<Calibration, "cpuModel" | "kernel" | "binaries">,
): string | null {
  const changed = [
    ...(calibration.cpuModel === now.cpuModel ? [] : ["the CPU"]),
    ...(calibration.kernel === now.kernel ? [] : ["the kernel"]),
    ...Object.keys(now.binaries).filter((name) => calibration.binaries[name] !== now.binaries[name]),
  ];
  if (changed.length > 0) return `It is out of date: since then ${changed.join(", ")} changed; ${HOW}`;
  return calibration.verdict === "passed" ? null : `It did not pass: ${calibration.reason}`;
}
