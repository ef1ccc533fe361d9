/** The servers of both sides of a gate: those of readymark's checkouts, or commands of the user's. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Protocol } from "../contract.ts";
import { commandServer } from "../children/server/external-server.ts";
import { frameworkSource } from "../children/server/framework-server.ts";
import { Failure } from "../failure.ts";
import { discoverFrameworks, peerModulesOf } from "../plan/discovery.ts";
import { selectVariants } from "../plan/selection.ts";
import type { SideServer } from "./arms.ts";
import { checkOut, ownCheckouts, userCheckouts } from "./checkout.ts";
import type { GateTarget } from "./config.ts";

/** What a gate of this project watches unless told: the server that the project is about. */
const USUAL_SERVERS = ["reactor/epoll"];

/** Rejects with a Failure when the checkout at `root` has no such server, or it cannot run here. */
export async function serversOf(root: string, names: readonly string[] | null): Promise<SideServer[]> {
  const frameworks = await discoverFrameworks(new URL(`${pathToFileURL(root).href}/`));
  const peers = peerModulesOf(frameworks);
  const selected = selectVariants(frameworks, names ?? USUAL_SERVERS, "default");
  return Promise.all(
    selected.map(async ({ discovered: { framework, moduleUrl }, variant }): Promise<SideServer> => {
      const name = `${framework.name}/${variant.name}`;
      const availability = await variant.availability();
      if (!availability.available) throw new Failure(2, `${name} cannot run here: ${availability.reason}`);
      return {
        ...{ name, protocols: variant.protocols },
        source: (environment) => frameworkSource({ moduleUrl, variant: variant.name, peers, environment }),
      };
    }),
  );
}

/** A server that listens on the port in PORT, started in `folder`, or in the current one. */
function commandSide(
  name: string,
  command: string,
  protocols: readonly Protocol[],
  folder?: string,
): SideServer {
  return { name, protocols, source: (environment) => commandServer(command, environment, folder) };
}

/** What is compared: two commands, or two commits or folders with the same servers in each. */
export type WhatIsCompared =
  | { baseCommand: string; headCommand: string }
  | {
      base: string;
      head: string;
      targets: readonly GateTarget[] | null;
      frameworks: readonly string[] | null;
    };

export interface Sides {
  base: SideServer[];
  head: SideServer[];
  /** How a reader calls them. */
  names: { base: string; head: string };
}

/** Makes both sides ready. Rejects with a Failure when one of them cannot be. */
export async function sidesOf(
  what: WhatIsCompared,
  protocols: readonly Protocol[],
  { folder, signal, say }: { folder: string; signal: AbortSignal; say(what: string): void },
): Promise<Sides> {
  if ("baseCommand" in what)
    return {
      base: [commandSide("command", what.baseCommand, protocols)],
      head: [commandSide("command", what.headCommand, protocols)],
      names: { base: what.baseCommand, head: what.headCommand },
    };
  const { targets, frameworks } = what;
  const setups = targets?.flatMap(({ setup }) => (setup === undefined ? [] : [setup])) ?? [];
  const tools =
    targets === null ? ownCheckouts(folder, signal) : userCheckouts(folder, [...new Set(setups)], signal);
  const sideOf = async (reference: string): Promise<{ servers: SideServer[]; description: string }> => {
    say(`making ${reference} ready`);
    const { root, description } = await checkOut(reference, tools);
    if (targets !== null)
      return {
        servers: targets.map(({ name, command }) => commandSide(name, command, protocols, root)),
        description,
      };
    if (!existsSync(join(root, "frameworks")))
      throw new Failure(2, `${root} has no folder frameworks/, so it is no checkout of readymark.`);
    return { servers: await serversOf(root, frameworks), description };
  };
  const base = await sideOf(what.base);
  const head = await sideOf(what.head);
  return {
    ...{ base: base.servers, head: head.servers },
    names: { base: base.description, head: head.description },
  };
}
