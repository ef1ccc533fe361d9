/** The fingerprint of the machine and the software a run was made with. */
import { Type } from "typebox";
import { type Static, define, record, the, orNull, text, amount, count, truth, mapOf } from "./define.ts";
import { calibration } from "./calibration.ts";

const git = define("git", "A commit.", {
  commit: text("The full commit hash, hex.", { pattern: "^[0-9a-f]{40,64}$" }),
  dirty: truth("Whether files differed from the commit."),
});

export const environment = define("environment", "The machine and what ran on it.", {
  cpu: record("The processor.", {
    model: text("Model name, as the kernel gives it."),
    count: count("Logical CPUs.", { minimum: 1 }),
    mitigations: mapOf(text(), "What the kernel does about each CPU vulnerability, by its name."),
    governor: orNull(text("Frequency governor of the first CPU; null when there is none to read.")),
  }),
  memoryBytes: amount("Memory of the machine, bytes."),
  kernel: text("Kernel release."),
  os: text("Operating system."),
  hypervisor: orNull(text("The hypervisor; null when none was detected.")),
  stealShare: orNull(
    amount("Share of CPU time stolen by the hypervisor since boot, 0 to 1; null when it could not be read."),
  ),
  limits: mapOf(
    Type.Unsafe<number | string | null>({ type: ["number", "string", "null"] }),
    "Limits that can decide a result, by name, for example the open file limit; null when one could not be read.",
  ),
  versions: mapOf(text(), "Versions of the runtime and the libraries, by name."),
  git: orNull(the(git, "The commit of this project; null outside a checkout.")),
  binaries: mapOf(
    text(undefined, { pattern: "^[0-9a-f]{64}$" }),
    "SHA-256 of each binary that measures or is measured, hex, by name; `sources` is that of all modules together.",
  ),
  calibration: orNull(
    the(
      calibration,
      "The latest calibration of the load generator on this machine, whatever its verdict; null when there is none.",
    ),
  ),
  calibrationRemark: orNull(
    text("Why there is no calibration, or why the one there says little about this run; null when it fits."),
  ),
});
export interface Environment extends Static<typeof environment> {}
