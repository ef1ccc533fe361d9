/**
 * Loads uWebSockets.js, which is native code and exists only for some versions of Node.js. It is loaded only
 * when it is needed, so that a machine without it can still measure everything else.
 */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { HttpResponse, TemplatedApp, us_listen_socket, us_socket } from "uWebSockets.js";

export type { HttpResponse };
export type ListenSocket = us_listen_socket;

/** The published types lack the form of `listen` with a host and options, which the binary has. */
export interface App extends Omit<TemplatedApp, "listen"> {
  listen(host: string, port: number, options: number, done: (socket: ListenSocket | false) => void): this;
}

export interface Addon {
  App(): App;
  us_socket_local_port(socket: us_socket): number;
  DISABLED: number;
  LIBUS_LISTEN_EXCLUSIVE_PORT: number;
}

/** Rejects with an error that says why the binary does not load. */
export async function loadAddon(): Promise<Addon> {
  const module = (await import("uWebSockets.js")) as unknown as Addon & { default?: Addon };
  // The upstream package is CommonJS, so everything is on its default export; the npm one has named exports.
  return "App" in module ? module : (module as { default: Addon }).default;
}

/** Package, version and binary, for example `uws-pack 20.0.8, uws_linux_x64_127.node`. */
export function addonVersion(): string {
  const folder = new URL("./", import.meta.resolve("uWebSockets.js"));
  const manifest = [new URL("package.json", folder), new URL("../package.json", folder)]
    .map((url) => readManifest(fileURLToPath(url)))
    .find((found) => found !== null);
  const binary = `uws_${process.platform}_${process.arch}_${process.versions.modules}.node`;
  return `${manifest?.name ?? "uWebSockets.js"} ${manifest?.version ?? "of unknown version"}, ${binary}`;
}

function readManifest(path: string): { name: string; version: string } | null {
  try {
    return JSON.parse(readFileSync(path, "utf8")) as { name: string; version: string };
  } catch {
    // The manifest lies beside the entry file or one folder above; the caller tries both.
    return null;
  }
}
