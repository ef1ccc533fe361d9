/** The fingerprint of the machine and the software a run was made with, so that a reader knows what a number is about. */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, existsSync, openSync, readFileSync, readSync, readdirSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { join } from "node:path";
import { carriedCalibration } from "../results/calibration-store.ts";
import { openFileLimit } from "./open-files.ts";
import { ADDON, IS_PACKAGED, NULLSERVER, PROJECT_ROOT, SUPERVISE } from "../project.ts";
import type { Environment } from "../results/run.ts";
import { allowedCpus } from "./cpu-list.ts";
import { readCpuTimes } from "./kernel-counters.ts";
import { sourceHash } from "./source-hash.ts";

const SYSCTLS = [
  "net/core/somaxconn",
  "net/ipv4/ip_local_port_range",
  "net/ipv4/tcp_max_tw_buckets",
  "net/ipv4/tcp_max_syn_backlog",
  "net/ipv4/tcp_tw_reuse",
];

/** `versions` are those of the frameworks that will run, by name. */
export function readEnvironment(frameworkVersions: Record<string, string>): Environment {
  const stat = readCpuTimes();
  const cpuModel = cpus()[0]?.model ?? "unknown";
  const kernel = read("/proc/sys/kernel/osrelease") ?? "unknown";
  const binaries = {
    node: sha256(process.execPath),
    addon: sha256(ADDON),
    supervise: sha256(SUPERVISE),
    nullserver: sha256(NULLSERVER),
  };
  return {
    cpu: {
      model: cpuModel,
      count: cpus().length,
      mitigations: readMitigations(),
      governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
    },
    memoryBytes: totalmem(),
    kernel,
    os: osName(),
    hypervisor: hypervisor(),
    stealShare: stat === null ? null : stat.stealTicks / stat.totalTicks,
    limits: readLimits(),
    versions: {
      node: process.versions.node,
      v8: process.versions.v8,
      libuv: process.versions.uv,
      ...(IS_PACKAGED ? { readymark: packageVersion() } : {}),
      ...frameworkVersions,
    },
    git: readGit(),
    binaries: { ...binaries, sources: sourceHash() },
    ...carriedCalibration({ cpuModel, kernel, binaries }),
  };
}

function readMitigations(): Record<string, string> {
  const folder = "/sys/devices/system/cpu/vulnerabilities";
  if (!existsSync(folder)) return {};
  const entries = readdirSync(folder).map((name) => [name, read(join(folder, name)) ?? "unreadable"]);
  return Object.fromEntries(entries.filter(([, state]) => state !== "Not affected"));
}

function osName(): string {
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(read("/etc/os-release") ?? "")?.[1] ?? "Linux";
}

function hypervisor(): string | null {
  const vendor = read("/sys/class/dmi/id/sys_vendor");
  const isVirtual = /^flags\s*:.*\bhypervisor\b/m.test(read("/proc/cpuinfo") ?? "");
  return isVirtual ? (vendor ?? "yes, vendor unknown") : null;
}

function readLimits(): Record<string, number | string | null> {
  const sysctls = SYSCTLS.map((name) => [
    name.replaceAll("/", "."),
    read(`/proc/sys/${name}`)?.replace("\t", " ") ?? null,
  ]);
  return {
    openFiles: openFileLimit(),
    allowedCpus: allowedCpus().join(","),
    cgroupCpuMax: read("/sys/fs/cgroup/cpu.max"),
    ...(Object.fromEntries(sysctls) as Record<string, string | null>),
  };
}

function readGit(): Environment["git"] {
  // A package may lie within a clone of something else.
  if (IS_PACKAGED) return null;
  const git = (...args: string[]): string =>
    execFileSync("git", args, {
      cwd: PROJECT_ROOT,
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    }).trim();
  try {
    return { commit: git("rev-parse", "HEAD"), dirty: git("status", "--porcelain") !== "" };
  } catch {
    return null;
  }
}

function packageVersion(): string {
  const description = readFileSync(join(PROJECT_ROOT, "package.json"), "utf8");
  return (JSON.parse(description) as { version: string }).version;
}

/** In pieces, because node alone is 120 MB, and making room for all of it takes longer than reading it. */
function sha256(path: string): string {
  const hash = createHash("sha256");
  const piece = Buffer.allocUnsafe(1 << 20);
  const file = openSync(path, "r");
  try {
    for (let count = readSync(file, piece); count > 0; count = readSync(file, piece))
      hash.update(piece.subarray(0, count));
  } finally {
    closeSync(file);
  }
  return hash.digest("hex");
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return null;
  }
}
