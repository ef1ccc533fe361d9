import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { install, type Installed } from "./installed.ts";

const MAJORS = [20, 22, 24, 26];
/** Versions that the npm package of uWebSockets.js has binaries for. */
const WITH_UWEBSOCKETS = new Set([20, 22]);

const ECHO = `
import { connect, listen } from "readymark/reactor";
import { once } from "node:events";
const server = await listen({ port: 0, multiplexer: process.argv[2], socket: { data: (s, chunk) => void s.write(chunk) } });
const answer = await new Promise((resolve, reject) => {
  connect({ port: server.port, socket: {
    open: (s) => void s.write(Buffer.from("hello")),
    data: (s, chunk) => { resolve(Buffer.from(chunk).toString()); s.end(); },
  } }).catch(reject);
});
await server.close();
process.stdout.write(answer);
`;

const TYPED = `
import { defineConfig, runBench, type BenchRequest, type Run } from "readymark";
import { listen, type Server, type Socket } from "readymark/reactor";
export const config = defineConfig({ base: "main", head: "HEAD" });
export const request: BenchRequest = { effort: "quick" };
export const bench: Promise<{ run: Run; folder: string }> = runBench(request);
export const server: Promise<Server> = listen({ port: 0, socket: { data: (socket: Socket, chunk) => void socket.write(chunk) } });
// @ts-expect-error A port is a number.
export const wrong = listen({ port: "80", socket: {} });
`;

let installed: Installed;

beforeAll(async () => {
  installed = await install(MAJORS);
  writeFileSync(join(installed.folder, "echo.mjs"), ECHO);
});
afterAll(() => installed?.remove());

test.each(MAJORS)("a reactor of the installed package echoes on Node.js %i", async (major) => {
  const { stdout, stderr } = await installed.run(installed.node(major), "echo.mjs", "epoll");
  expect(stdout, stderr).toBe("hello");
});

test.each(MAJORS)("its bench runs on Node.js %i and keeps its result where it was started", async (major) => {
  const options = ["--quick", "--scenarios", "echo", "--protocols", "http", "--generations", "1", "--json"];
  // How fast it is, is not asked here.
  options.push("--warmup", "300ms", "--warmup-limit", "600ms");
  const { status, stdout, stderr } = await installed.run(
    installed.node(major),
    "node_modules/.bin/readymark",
    ...["bench", ...options],
  );
  expect([0, 1], stderr).toContain(status);
  const run = JSON.parse(stdout) as {
    id: string;
    environment: { versions: Record<string, string> };
    cells: { framework: string; status: string; reason: string | null; samples: unknown[] }[];
  };
  expect(run.environment.versions["node"]?.split(".")[0]).toBe(String(major));
  expect(existsSync(join(installed.folder, "results", "runs", run.id, "run.json"))).toBe(true);
  const measured = run.cells.filter(({ samples }) => samples.length > 0).map(({ framework }) => framework);
  expect(measured).toEqual(expect.arrayContaining(["node-net", "reactor"]));
  const uwebsockets = run.cells.find(({ framework }) => framework === "uwebsockets");
  if (WITH_UWEBSOCKETS.has(major)) expect(uwebsockets?.samples.length).toBe(1);
  else expect(uwebsockets).toMatchObject({ status: "unavailable", reason: expect.stringContaining("Node") });
});

test("a program in TypeScript finds the types of everything that is exported", async () => {
  writeFileSync(join(installed.folder, "typed.ts"), TYPED);
  const { status, stdout } = await installed.run(
    installed.node(22),
    "node_modules/typescript/bin/tsc",
    ...["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", "node", "typed.ts"],
  );
  expect(stdout).toBe("");
  expect(status).toBe(0);
});

test("its help names commands that work where it is installed", async () => {
  const { stdout } = await installed.run(
    installed.node(22),
    "node_modules/.bin/readymark",
    "report",
    "--help",
  );
  expect(stdout).toContain("npx readymark report");
  expect(stdout).not.toContain("npm run");
});
