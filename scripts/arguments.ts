/** Command lines: what `node:util` parses, with errors a user can act on. */
import { parseArgs, type ParseArgsOptionsConfig } from "node:util";
import { Failure } from "../harness/failure.ts";
import { unknownName } from "../harness/unknown-name.ts";

/** A command of `readymark`; one file in scripts/commands/ each, its default export. */
export interface Command {
  name: string;
  summary: string;
  help: string;
  /** Runs with the arguments after the command's name; resolves with the exit code. */
  run(argv: readonly string[]): Promise<number>;
}

/** Parses `argv`; an unknown flag fails with the valid ones and the one that was probably meant. */
export function parseOptions<const Options extends ParseArgsOptionsConfig>(
  options: Options,
  argv: readonly string[],
  positionals: { name: string; most: number } | null = null,
) {
  const flags = Object.keys(options).map((name) => `--${name}`);
  for (const argument of argv) {
    if (argument === "--") break;
    const flag = argument.split("=")[0] ?? "";
    if (flag.startsWith("--") && !flags.includes(flag)) throw unknownName("flag", flag, flags);
  }
  try {
    const parsed = parseArgs({ options, args: [...argv], allowPositionals: true, strict: true });
    const surplus = parsed.positionals[positionals?.most ?? 0];
    if (surplus !== undefined) {
      throw new Failure(
        2,
        `"${surplus}" is one argument too many${positionals ? ` after ${positionals.name}` : ""}; --help shows the usage.`,
      );
    }
    return parsed;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(2, `${(error as Error).message.split(". ")[0]}. --help shows the usage.`);
  }
}

/** A comma-separated list; null when the flag was not given. */
export function listOption(value: string | undefined, flag: string): string[] | null {
  if (value === undefined) return null;
  const names = value.split(",").map((name) => name.trim());
  if (names.includes("")) throw new Failure(2, `${flag} has an empty name in "${value}".`);
  return names;
}

export interface WholeRange {
  least: number;
  most: number;
}

/** A whole number within a range, with an optional k or m ("64k" is 65,536, as sizes are powers of two). */
export function wholeNumber(value: string, flag: string, { least, most }: WholeRange): number {
  const match = /^(\d+)([km]?)$/i.exec(value.trim());
  const factor = { "": 1, k: 1024, m: 1024 * 1024 }[match?.[2]?.toLowerCase() ?? ""] ?? 1;
  const number = match ? Number(match[1]) * factor : Number.NaN;
  if (Number.isSafeInteger(number) && number >= least && number <= most) return number;
  throw new Failure(2, `${flag} takes a whole number from ${least} to ${most}, not "${value}".`);
}

/** A comma-separated list of whole numbers; null when the flag was not given. */
export function wholeNumbers(value: string | undefined, flag: string, range: WholeRange): number[] | null {
  return listOption(value, flag)?.map((part) => wholeNumber(part, flag, range)) ?? null;
}

/** A duration such as "1s", "300ms" or "2" (seconds), in seconds. */
export function seconds(value: string, flag: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|)$/.exec(value.trim());
  const number = Number(match?.[1]) / (match?.[2] === "ms" ? 1000 : 1);
  if (match && number >= 0.05 && number <= 3600) return number;
  throw new Failure(2, `${flag} takes a duration from 50ms to 3600s, such as 300ms or 2s, not "${value}".`);
}
