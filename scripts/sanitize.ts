/**
 * `npm run sanitize [-- NAME...]`: compiles native parts with sanitizers, which find memory errors, undefined behaviour
 * or data races that a plain run survives, and runs all their tests. Without names, all of BUILDS.
 */
import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../harness/project.ts";

interface Build {
  name: string;
  /** As -fsanitize takes them. */
  sanitizers: string;
  /** Folders of which every .cc file is compiled; together they make one test program. */
  folders: string[];
}

/** A test program lists its cases with --list, as "GROUP<tab>CASE<tab>why it cannot run here", and runs one by name. */
const BUILDS: Build[] = [
  {
    name: "multiplexer",
    sanitizers: "address,undefined",
    folders: ["native/multiplexer", "native/multiplexer/test"],
  },
];

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

async function main(): Promise<void> {
  // Ctrl-C arrives twice when npm passes it on, so the handlers stay.
  for (const signal of ["SIGINT", "SIGTERM"] as const)
    process.on(signal, () => interruption.abort(new Error(`It was interrupted by ${signal}.`)));
  const builds = chosenBuilds(process.argv.slice(2));
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

/** Returns the path of the test program. */
async function compile(build: Build, folder: string): Promise<string> {
  say(`${build.name}: compiling with ${build.sanitizers} ...`);
  const program = join(folder, build.name);
  const sources = build.folders.flatMap((folder) =>
    readdirSync(join(PROJECT_ROOT, folder))
      .filter((name) => name.endsWith(".cc"))
      .map((name) => join(folder, name)),
  );
  const flags = [
    "-std=c++20",
    "-O1",
    "-g",
    "-Wall",
    "-Wextra",
    "-Werror",
    "-fno-omit-frame-pointer",
    "-pthread",
  ];
  const sanitize = [`-fsanitize=${build.sanitizers}`, "-fno-sanitize-recover=all"];
  // The compiler's own temporary files are ours to remove when it is interrupted.
  const { code, signal, stderr } = await run(COMPILER, [...flags, ...sanitize, ...sources, "-o", program], {
    TMPDIR: folder,
  });
  if (code !== 0 || !existsSync(program))
    throw new Error(`${build.name} could not be compiled (${signal ?? code}):\n${stderr}`);
  return program;
}

async function runCases(build: Build, program: string): Promise<void> {
  const listing = await run(program, ["--list"]);
  if (listing.code !== 0) throw new Error(`${build.name} could not list its cases:\n${listing.stderr}`);
  const obstacles = new Map<string, string>();
  let passed = 0;
  let failed = 0;
  for (const line of (listing.stdout ?? "").trimEnd().split("\n")) {
    const [group = "", name = "", obstacle = ""] = line.split("\t");
    if (obstacle !== "") {
      obstacles.set(group, obstacle);
      continue;
    }
    const { code, signal, stderr } = await run(program, [group, name]);
    if (code === 0) {
      passed++;
    } else {
      failed++;
      say(`${build.name}: ${group}: ${name}: failed (${signal ?? code})\n${stderr}`);
    }
  }
  for (const [group, obstacle] of obstacles) say(`${build.name}: ${group} was left out: ${obstacle}`);
  say(`${build.name}: ${passed} cases passed, ${failed} failed under ${build.sanitizers}.`);
  if (failed > 0 || passed === 0) process.exitCode = 1;
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

await main().catch((error: unknown) => {
  process.stderr.write(`sanitize: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
