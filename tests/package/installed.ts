/** The package as a stranger gets it: packed, and installed in an empty folder with nothing of this repository on the path. */
import { execFile } from "node:child_process";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { PROJECT_ROOT } from "../../harness/project.ts";

/** As this project has it: a newer one may find what this one does not. */
const TYPESCRIPT = (
  JSON.parse(readFileSync(join(PROJECT_ROOT, "package.json"), "utf8")) as {
    devDependencies: { typescript: string };
  }
).devDependencies.typescript;

interface Said {
  status: number;
  stdout: string;
  stderr: string;
}

export interface Installed {
  folder: string;
  /** Runs a program of the folder's node_modules/.bin, or the file of a script, on this version of Node.js. */
  run(node: string, script: string, ...args: string[]): Promise<Said>;
  /** The path of Node.js of a major version. */
  node(major: number): string;
  remove(): void;
}

/** Packs the project and installs it beside these major versions of Node.js, of which npm has the binaries. */
export async function install(majors: readonly number[]): Promise<Installed> {
  const folder = mkdtempSync(join(tmpdir(), "readymark-package-"));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await npm(PROJECT_ROOT, "pack", "--silent", "--pack-destination", folder);
    const tarball = readdirSync(folder).find((file) => file.endsWith(".tgz"));
    if (tarball === undefined) throw new Error("npm pack left no tarball.");
    writeFileSync(join(folder, "package.json"), JSON.stringify({ private: true, type: "module" }));
    const nodes = majors.map((major) => `node-${major}@npm:node-linux-${process.arch}@${major}`);
    await npm(
      folder,
      "install",
      "--no-audit",
      "--no-fund",
      `./${tarball}`,
      ...nodes,
      "--fetch-retries=5",
      `typescript@${TYPESCRIPT}`,
      "@types/node@22",
    );
  } catch (error) {
    remove();
    throw error;
  }
  const node = (major: number): string => join(folder, "node_modules", `node-${major}`, "bin", "node");
  return { folder, node, remove, run: (binary, script, ...args) => said(folder, binary, [script, ...args]) };
}

/** Without what npm and vitest set for their own children, which a stranger's shell does not have. */
function strangersEnvironment(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(npm_|NODE_|VITEST)/i.test(name));
  const path = (process.env["PATH"] ?? "").split(":").filter((folder) => !folder.includes("node_modules"));
  return { ...Object.fromEntries(own), PATH: path.join(":") };
}

async function npm(folder: string, ...args: string[]): Promise<void> {
  const { status, stderr, stdout } = await said(folder, "npm", args);
  if (status !== 0) throw new Error(`npm ${args.join(" ")} failed: ${stderr}${stdout}`);
}

async function said(cwd: string, command: string, args: readonly string[]): Promise<Said> {
  const env = strangersEnvironment();
  if (command !== "npm") env["PATH"] = `${dirname(command)}:${env["PATH"]}`;
  try {
    const { stdout, stderr } = await promisify(execFile)(command, args, { cwd, env, maxBuffer: 1 << 28 });
    return { status: 0, stdout, stderr };
  } catch (error) {
    const { code, stdout = "", stderr = String(error) } = error as { code?: number } & Partial<Said>;
    return { status: typeof code === "number" ? code : 1, stdout, stderr };
  }
}
