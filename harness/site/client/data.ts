/** The runs as the browser has them: each is a script, because a page in a folder may load scripts and nothing else. */
import type { Run } from "../../results/run.ts";

export interface Listed {
  /** Of its files. */
  name: string;
  id: string;
  machine: string;
  date: string;
}

interface Data {
  list(runs: Listed[]): void;
  run(name: string, run: Run): void;
}

const runs = new Map<string, Run>();
let listed: Listed[] | null = null;

(globalThis as unknown as { readymarkData: Data }).readymarkData = {
  list: (found) => {
    listed = found;
  },
  run: (name, run) => {
    runs.set(name, run);
  },
};

function load(path: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const script = document.createElement("script");
  script.src = `${document.body.dataset["root"] ?? ""}data/${path}`;
  script.addEventListener("load", () => resolve());
  script.addEventListener("error", () => reject(new Error(`${path} could not be loaded.`)));
  document.head.append(script);
  return promise;
}

export async function allRuns(): Promise<Listed[]> {
  if (listed === null) await load("runs.js");
  return listed ?? [];
}

/** Rejects when there is no such run. */
export async function runNamed(name: string): Promise<Run> {
  if (!runs.has(name)) await load(`${encodeURIComponent(name)}.js`);
  const run = runs.get(name);
  if (run === undefined) throw new Error(`There is no run ${name}.`);
  return run;
}
