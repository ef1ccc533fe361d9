/** Where things are: in a clone, whose code is TypeScript, or in an installed package, whose code is what tsc made of it. */
import { dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { ADDON as FOUND_ADDON, nativeFile, PACKAGE_ROOT } from "../native/binaries.ts";

const OWN_PATH = fileURLToPath(import.meta.url);

/** Of this project's modules: ".ts" in a clone, ".js" in a package. */
export const MODULE_EXTENSION = extname(OWN_PATH);
export const IS_PACKAGED = MODULE_EXTENSION === ".js";
/** The folder of package.json and of everything that is not code. */
export const PROJECT_ROOT = PACKAGE_ROOT;
/** The folder of `harness/`, `frameworks/` and the other code. */
export const CODE_ROOT = dirname(dirname(OWN_PATH));

/** What is measured belongs to who measures: a package lies in node_modules, where it would be lost with the next install. */
const RESULTS = join(IS_PACKAGED ? process.cwd() : PROJECT_ROOT, "results");
export const RUNS_FOLDER = join(RESULTS, "runs");
export const GATE_PROOF_FOLDER = join(RESULTS, "gate-proof");
export const GATES_FOLDER = join(RESULTS, "gates");
export const CONNECTIONS_FILE = join(RESULTS, "connections.json");
export const PROFILES_FOLDER = join(RESULTS, "profiles");
export const SITE_FOLDER = join(RESULTS, "site");
export const CALIBRATION_FILE = join(RESULTS, "calibration.json");

export const ADDON = FOUND_ADDON ?? nativeFile("readymark.node");
export const SUPERVISE = nativeFile("supervise");
export const SLOW = nativeFile("slow.node");
export const FLOOR = nativeFile("floor");
export const CONNECTION = nativeFile("connection");
export const NULLSERVER = nativeFile("nullserver");
