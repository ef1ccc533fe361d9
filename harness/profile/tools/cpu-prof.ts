/** The sampling profiler of V8, which is part of Node.js and sees every thread of it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Tool } from "../tool.ts";

export const cpuProf: Tool = {
  name: "cpu-prof",
  description: "the JavaScript functions that take the CPU time, by Node.js itself",
  availability: async () => ({ available: true, version: process.versions.node }),
  command: ([node = process.execPath, ...rest], folder) => ({
    words: [node, "--cpu-prof", `--cpu-prof-dir=${folder}`, ...rest],
    environment: {},
  }),
  endSignal: "SIGTERM",
  limitSeconds: 60,
  results: (folder) =>
    readdirSync(folder)
      .filter((file) => file.endsWith(".cpuprofile"))
      .map((file) => join(folder, file))
      .filter((path) => readCpuProfile(path).samples.length > 0),
  howToRead:
    "Open it in Chrome's DevTools (Performance, Load profile) or in an editor; there is one for each thread.",
};

/** A profile as V8 writes it: https://chromedevtools.github.io/devtools-protocol/tot/Profiler/#type-Profile */
export interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  /** The node on top of the stack, by its id, once for each sample. */
  samples: number[];
  /** Microseconds since the sample before. */
  timeDeltas: number[];
}

export function readCpuProfile(path: string): CpuProfile {
  const { nodes, samples = [], timeDeltas = [] } = JSON.parse(readFileSync(path, "utf8")) as CpuProfile;
  return { nodes, samples, timeDeltas };
}

export interface SelfTime {
  /** The function and where it is. */
  name: string;
  seconds: number;
}

/** What V8 calls idle, which holds what libuv does between two callbacks, too: receiving, and the code of native servers. */
const IDLE = "(waiting, or native code outside JavaScript)";

/** Seconds that each function was on top of the stack, most first. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile): SelfTime[] {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  const seconds = new Map<string, number>();
  for (const [index, id] of samples.entries()) {
    const name = names.get(id) ?? "(unknown)";
    seconds.set(name, (seconds.get(name) ?? 0) + Math.max(0, timeDeltas[index] ?? 0) / 1e6);
  }
  return [...seconds]
    .map(([name, own]) => ({ name, seconds: own }))
    .toSorted((a, b) => b.seconds - a.seconds);
}

function nameOf({ functionName, url, lineNumber }: CpuProfile["nodes"][number]["callFrame"]): string {
  if (functionName === "(idle)") return IDLE;
  const name = functionName === "" ? "(anonymous)" : functionName;
  if (url === "") return name;
  const place = url.split("/").slice(-2).join("/");
  return `${name} (${place}:${lineNumber + 1})`;
}
