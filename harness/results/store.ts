/**
 * Runs on disk: `results/runs/<id>/run.json`, or `run.json.gz` for one that is published. A file is checked against the published schema whenever it is read or
 * written, and replaced in one step, so that a kill or a full disk at any moment leaves the last complete one.
 */
import { mkdirSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { constants, gunzipSync, gzipSync } from "node:zlib";
import { nearest } from "../nearest.ts";
import { RUNS_FOLDER } from "../project.ts";
import { ResultError } from "./error.ts";
import { replaceFile } from "./replace-file.ts";
import type { Run } from "./run.ts";
import { thinned } from "./thinned.ts";
import { asRun } from "./validate.ts";

const RUN_FILE = "run.json";
/** The same, compressed; git takes these and leaves the others. */
const PUBLISHED_FILE = "run.json.gz";
const LATEST_SHOWN = 5;

/** Reads a run from its file, or from the folder that holds it. Throws a ResultError. */
export function readRun(path: string): Run {
  const file = isFolder(path) ? (fileIn(path) ?? join(path, RUN_FILE)) : path;
  return asRun(parse(readText(file), file), file);
}

/**
 * Writes `run.json` into a folder, which is made when it is not there, and returns the file's path. Throws a
 * ResultError; the file that was there before is then untouched and nothing is left beside it.
 */
export function writeRun(folder: string, run: Run): string {
  const file = join(folder, RUN_FILE);
  write(file, run, `${JSON.stringify(run, null, 1)}\n`);
  return file;
}

/** Keeps a run for others, thinned and compressed, in the folder of published runs, and returns the file's path. Throws as writeRun does. */
export function publishRun(run: Run, runsFolder: string = RUNS_FOLDER): string {
  const file = join(runsFolder, run.id, PUBLISHED_FILE);
  write(file, run, gzipSync(JSON.stringify(thinned(run)), { level: constants.Z_BEST_COMPRESSION }));
  return file;
}

function write(file: string, run: Run, content: string | Buffer): void {
  asRun(run, file);
  try {
    mkdirSync(dirname(file), { recursive: true });
    replaceFile(file, content);
  } catch (error) {
    throw unwritable(file, error as NodeJS.ErrnoException);
  }
}

export interface StoredRun {
  /** The name of its folder. */
  id: string;
  path: string;
}

/** The runs in a folder of runs, sorted by id; none when the folder is not there. Their contents are not read. */
export function listRuns(runsFolder: string = RUNS_FOLDER): StoredRun[] {
  if (!isFolder(runsFolder)) return [];
  return readdirSync(runsFolder)
    .flatMap((id) => {
      const path = fileIn(join(runsFolder, id));
      return path === null ? [] : [{ id, path }];
    })
    .toSorted((left, right) => (left.id < right.id ? -1 : 1));
}

/** The path of the run file that a path (of the file or its folder) or an id means. Throws a ResultError (missing). */
export function resolveRun(reference: string, runsFolder: string = RUNS_FOLDER): string {
  const path = resolve(reference);
  if (isFile(path)) return path;
  const inside = fileIn(path);
  if (inside !== null) return inside;
  const runs = listRuns(runsFolder);
  const found = runs.find(({ id }) => id === reference);
  if (found !== undefined) return found.path;
  throw new ResultError("missing", reference, unknownRun(reference, runs, runsFolder));
}

function unknownRun(reference: string, runs: readonly StoredRun[], runsFolder: string): string {
  const start = `There is no run "${reference}": it is no file, no folder with a ${RUN_FILE}, and no id in ${runsFolder}.`;
  if (runs.length === 0) return `${start} That folder has no runs yet: \`npm run bench\` makes one.`;
  const ids = runs.map(({ id }) => id);
  const likely = nearest(reference, ids);
  if (likely !== null) return `${start} Did you mean "${likely}"?`;
  return `${start} The latest there ${ids.length === 1 ? "is" : "are"} ${ids.slice(-LATEST_SHOWN).toReversed().join(", ")}.`;
}

function unwritable(file: string, error: NodeJS.ErrnoException): ResultError {
  const advice: Record<string, string> = {
    ENOSPC: "the disk is full. Free some space, or choose another disk with --out",
    EDQUOT: "your disk quota is used up. Free some space, or choose another folder with --out",
    EFBIG: "the file would be larger than this process may write. Raise the limit with ulimit -f",
    EACCES: "you may not write there. Change the folder's permissions, or choose another with --out",
    EPERM: "you may not write there. Change the folder's permissions, or choose another with --out",
    EROFS: "the file system is read-only. Choose another folder with --out",
    ENOTDIR: "a part of this path is a file, not a folder. Choose another folder with --out",
    EEXIST: "a file is in the place of this folder. Choose another folder with --out",
    EISDIR: "a folder is in the place of this file. Choose another folder with --out",
    EIO: "the disk reports an input/output error. Check the disk, or choose another with --out",
  };
  const what = advice[error.code ?? ""] ?? `${error.message}. Choose another folder with --out`;
  return new ResultError(
    "unwritable",
    file,
    `The run could not be written to ${file} (${error.code ?? "no error code"}): ${what}. Whatever was there before is untouched.`,
  );
}

function readText(file: string): string {
  try {
    const content = readFileSync(file);
    return (file.endsWith(".gz") ? gunzipSync(content) : content).toString("utf8");
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") {
      throw new ResultError(
        "missing",
        file,
        `There is no run at ${file}: give the path of a ${RUN_FILE}, or of the folder it is in.`,
      );
    }
    if (code?.startsWith("Z_"))
      throw new ResultError(
        "damaged",
        file,
        `${file} is not whole: ${message}. It was changed or cut short after it was written; restore it, or measure again.`,
      );
    throw new ResultError(
      "unreadable",
      file,
      `The run at ${file} could not be read: ${message}. Check its permissions.`,
    );
  }
}

function parse(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const { message } = error as SyntaxError;
    const what = message.replace(/ in JSON at position .*$/s, "").replaceAll("\n", " ");
    throw new ResultError(
      "damaged",
      file,
      `${file} is not valid JSON${placeOf(message, text)}: ${what}. It was changed or cut short after it was written; restore it, or measure again.`,
    );
  }
}

/** V8 gives the position of most errors; where it does not, it quotes the surroundings, and its words are enough. */
function placeOf(message: string, text: string): string {
  const given = /at position (\d+)/.exec(message)?.[1];
  if (given === undefined && !message.includes("end of JSON input")) return "";
  const before = text.slice(0, given === undefined ? text.length : Number(given));
  return ` at line ${before.split("\n").length}, column ${before.length - before.lastIndexOf("\n")}`;
}

/** The run's file in its folder; one that may still grow comes before its published copy. */
function fileIn(folder: string): string | null {
  return [RUN_FILE, PUBLISHED_FILE].map((name) => join(folder, name)).find(isFile) ?? null;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
