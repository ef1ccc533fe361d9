/**
 * `npm run sanitize [-- [--json FILE] NAME...]`: compiles native parts with sanitizers, which find memory errors,
 * undefined behaviour or data races that a plain run survives, and runs all their tests. Without names, all of BUILDS.
 * FILE gets the number of cases that passed, failed and were left out; what ends the run early counts as a failure.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs, promisify } from "node:util";
import { PROJECT_ROOT } from "../harness/project.ts";

interface Build {
  name: string;
  /** As -fsanitize takes them. */
  sanitizers: string;
  /** Files, and folders of which every .cc file is compiled but what faces JavaScript; they make one test program. */
  sources: string[];
}

/** A test program lists its cases with --list, as "GROUP<tab>CASE<tab>why it cannot run here", and runs one by name. */
const BUILDS: Build[] = [
  {
    name: "multiplexer",
    sanitizers: "address,undefined",
    sources: ["native/multiplexer", "native/multiplexer/test", "native/test"],
  },
  {
    name: "driver",
    sanitizers: "address,undefined",
    sources: [
      "native/multiplexer",
      "native/multiplexer/test/fixtures.cc",
      "native/driver",
      "native/driver/readiness",
      "native/driver/uring",
      "native/driver/test",
      "native/test",
    ],
  },
  {
    // Its threads share a run, and the server's share a set of connections.
    name: "loadgen",
    sanitizers: "thread",
    sources: ["native/loadgen", "native/loadgen/test", "native/blocking", "native/test"],
  },
];

/** The one file of a folder that needs Node.js around it. */
const FACES_JAVASCRIPT = "addon.cc";
/** Compilers that run at once; more of them would take other work's place on small machines. */
const COMPILERS = 2;
/** Cases that run at once; the longest of them wait for a limit of some seconds. */
const CASES = 6;
const COMPILER = process.env["CXX"] ?? "g++";
const CASE_TIMEOUT_MS = 60_000;

/** What an ended command left; execFile adds these to the error that it throws. */
interface Ending {
  code?: number | string | null;
  signal?: string | null;
  stdout?: string;
  stderr?: string;
}

const execute = promisify(execFile);
const interruption = new AbortController();
const counts = { passed: 0, failed: 0, skipped: 0 };

async function main(names: readonly string[]): Promise<void> {
  // Ctrl-C arrives twice when npm passes it on, so the handlers stay.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => interruption.abort(new Error(`It was interrupted by ${signal}.`)));
  const builds = chosenBuilds(names);
  await requireCompiler();
  const folder = mkdtempSync(join(tmpdir(), "readymark-sanitize-"));
  try {
    for (const build of builds) await runCases(build, await compile(build, folder));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function chosenBuilds(names: readonly string[]): Build[] {
  const known = BUILDS.map(({ name }) => name).join(", ");
  return names.length === 0
    ? BUILDS
    : names.map((name) => {
        const build = BUILDS.find((build) => build.name === name);
        if (!build) throw new Error(`There is no part '${name}' to sanitize; there are: ${known}.`);
        return build;
      });
}

async function requireCompiler(): Promise<void> {
  try {
    await execute(COMPILER, ["--version"]);
  } catch (error) {
    throw new Error(
      `The compiler '${COMPILER}' is missing; install g++ 11 or later, or name another one in CXX.`,
      { cause: error },
    );
  }
}

/** Returns the path of the test program. What builds have in common is compiled once. */
async function compile(build: Build, folder: string): Promise<string> {
  say(`${build.name}: compiling with ${build.sanitizers} ...`);
  const flags = [
    "-std=c++20",
    "-O1",
    // What a report of a fault names: functions and lines.
    "-g1",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fno-omit-frame-pointer",
    "-pthread",
    `-fsanitize=${build.sanitizers}`,
    "-fno-sanitize-recover=all",
    // It opens a pipe to look at an object, and reports a fault where a case has used up the descriptors.
    "-fno-sanitize=vptr",
  ];
  const objects = await allAtOnce(COMPILERS, sourcesOf(build), async (source) => {
    const object = join(folder, `${build.sanitizers}-${source.replaceAll("/", "-")}.o`);
    if (!existsSync(object)) await compileTo(build, folder, object, [...flags, "-c", source]);
    return object;
  });
  const program = join(folder, build.name);
  await compileTo(build, folder, program, [...flags, ...objects]);
  return program;
}

function sourcesOf(build: Build): string[] {
  return build.sources.flatMap((source) =>
    source.endsWith(".cc")
      ? [source]
      : readdirSync(join(PROJECT_ROOT, source))
          .filter((name) => name.endsWith(".cc") && name !== FACES_JAVASCRIPT)
          .map((name) => join(source, name)),
  );
}

async function compileTo(build: Build, folder: string, output: string, args: string[]): Promise<void> {
  // The compiler's own temporary files are ours to remove when it is interrupted.
  const { code, signal, stderr } = await run(COMPILER, [...args, "-o", output], { TMPDIR: folder });
  if (code !== 0 || !existsSync(output))
    throw new Error(`${build.name} could not be compiled (${signal ?? code}):\n${stderr}`);
}

async function runCases(build: Build, program: string): Promise<void> {
  const listing = await run(program, ["--list"]);
  if (listing.code !== 0) throw new Error(`${build.name} could not list its cases:\n${listing.stderr}`);
  const cases = (listing.stdout ?? "")
    .trimEnd()
    .split("\n")
    .map((line) => line.split("\t"));
  const obstacles = new Map<string, string>();
  for (const [group = "", , obstacle = ""] of cases) if (obstacle !== "") obstacles.set(group, obstacle);
  const runnable = cases.filter(([group = ""]) => !obstacles.has(group));
  const passed = await allAtOnce(CASES, runnable, async ([group = "", name = ""]) => {
    const { code, signal, stderr } = await run(program, [group, name]);
    if (code !== 0) say(`${build.name}: ${group}: ${name}: failed (${signal ?? code})\n${stderr}`);
    return code === 0;
  });
  const passes = passed.filter(Boolean).length;
  for (const [group, obstacle] of obstacles) say(`${build.name}: ${group} was left out: ${obstacle}`);
  say(`${build.name}: ${passes} cases passed, ${passed.length - passes} failed under ${build.sanitizers}.`);
  counts.passed += passes;
  counts.failed += passed.length - passes;
  counts.skipped += cases.length - runnable.length;
  if (passes === 0) throw new Error(`Of ${build.name} no case passed, so nothing of it was shown.`);
  if (passes < passed.length) process.exitCode = 1;
}

/** The results of the work on each item, in their order; `most` items are worked on at once. Throws when all have ended. */
async function allAtOnce<Item, Result>(
  most: number,
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++;
      results[index] = await work(items[index]!);
    }
  };
  const endings = await Promise.allSettled(Array.from({ length: most }, worker));
  for (const ending of endings) if (ending.status === "rejected") throw ending.reason;
  return results;
}

/** Runs a command to its end, however it ends. Throws when this script is interrupted. */
async function run(
  command: string,
  args: readonly string[],
  environment: Record<string, string> = {},
): Promise<Ending> {
  try {
    const output = await execute(command, args, {
      cwd: PROJECT_ROOT,
      env: { ...process.env, ...environment },
      timeout: command === COMPILER ? 0 : CASE_TIMEOUT_MS,
      killSignal: command === COMPILER ? "SIGTERM" : "SIGKILL",
      signal: interruption.signal,
      maxBuffer: 1 << 26,
    });
    return { code: 0, ...output };
  } catch (error) {
    interruption.signal.throwIfAborted();
    return error as Ending;
  }
}

function say(what: string): void {
  process.stdout.write(`${what}\n`);
}

try {
  const { values, positionals } = parseArgs({
    options: { json: { type: "string" } },
    allowPositionals: true,
  });
  try {
    await main(positionals);
  } catch (error) {
    counts.failed += 1;
    throw error;
  } finally {
    if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(counts)}\n`);
  }
} catch (error) {
  process.stderr.write(`sanitize: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
