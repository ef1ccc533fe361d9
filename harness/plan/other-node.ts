/** Servers on another Node.js than the one that runs the harness: whether it can, and which servers it has. */
import { execFile, spawnSync } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Availability } from "../contract.ts";
import { nodeProgram } from "../children/node-program.ts";
import { Failure } from "../failure.ts";

/** The first that runs TypeScript with hooks in the same thread (harness/stripped-types.mjs). */
const OLDEST = [22, 15] as const;
const ANSWER_LIMIT_MS = 30_000;

/** As the binary itself says it, such as "24.4.0". Throws a Failure when it is no Node.js, or one that is too old. */
export function nodeVersion(node: string): string {
  const { error, stdout, status } = spawnSync(node, ["--version"], {
    encoding: "utf8",
    timeout: ANSWER_LIMIT_MS,
  });
  const [, version, major, minor] = /^v((\d+)\.(\d+)\.\d+\S*)$/.exec(stdout?.trim() ?? "") ?? [];
  if (error !== undefined || status !== 0 || version === undefined)
    throw new Failure(
      2,
      `--node takes the path of a Node.js binary, and ${node} is none: ${error?.message ?? `it printed "${stdout.trim().split("\n")[0]}"`}.`,
    );
  const [oldestMajor, oldestMinor] = OLDEST;
  const isTooOld =
    Number(major) < oldestMajor || (Number(major) === oldestMajor && Number(minor) < oldestMinor);
  if (isTooOld)
    throw new Failure(
      2,
      `--node takes Node.js ${OLDEST.join(".")} or later, because servers are TypeScript; ${node} is ${version}.`,
    );
  return version;
}

/** Whether each server can run there, by "framework/variant". */
export async function availabilitiesUnder(node: string): Promise<Record<string, Availability>> {
  const { command, args } = nodeProgram(join(import.meta.dirname, "availability-process"), node);
  try {
    const { stdout } = await promisify(execFile)(command, args, { timeout: ANSWER_LIMIT_MS });
    return JSON.parse(stdout) as Record<string, Availability>;
  } catch (error) {
    throw new Failure(2, `${node} could not say which servers it can run: ${(error as Error).message}`);
  }
}
