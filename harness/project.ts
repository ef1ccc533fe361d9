/** Where things are, relative to the project's root. */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

export const PROJECT_ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
export const RUNS_FOLDER = join(PROJECT_ROOT, "results", "runs");
export const GATE_PROOF_FOLDER = join(PROJECT_ROOT, "results", "gate-proof");
export const GATES_FOLDER = join(PROJECT_ROOT, "results", "gates");
export const CONNECTIONS_FILE = join(PROJECT_ROOT, "results", "connections.json");
export const PROFILES_FOLDER = join(PROJECT_ROOT, "results", "profiles");
export const SUPERVISE = join(PROJECT_ROOT, "build", "Release", "supervise");
export const SLOW = join(PROJECT_ROOT, "build", "Release", "slow.node");
export const FLOOR = join(PROJECT_ROOT, "build", "Release", "floor");
export const CONNECTION = join(PROJECT_ROOT, "build", "Release", "connection");
export const ADDON = join(PROJECT_ROOT, "build", "Release", "readymark.node");
export const NULLSERVER = join(PROJECT_ROOT, "build", "Release", "nullserver");
export const CALIBRATION_FILE = join(PROJECT_ROOT, "results", "calibration.json");
