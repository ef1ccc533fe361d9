/** The servers of one side of the gate: those of a checkout, or a command of the user's. */
import { pathToFileURL } from "node:url";
import { PROTOCOLS, type Protocol } from "../contract.ts";
import { commandServer } from "../children/server/external-server.ts";
import { frameworkSource } from "../children/server/framework-server.ts";
import { Failure } from "../failure.ts";
import { discoverFrameworks, peerModulesOf } from "../plan/discovery.ts";
import { selectVariants } from "../plan/selection.ts";
import type { SideServer } from "./arms.ts";

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
        source: (environment) => frameworkSource(moduleUrl, variant.name, peers, environment),
      };
    }),
  );
}

/** A server that listens on the port in PORT. */
export function commandSide(command: string, protocols: readonly Protocol[] | null): SideServer {
  return {
    ...{ name: "command", protocols: protocols ?? [PROTOCOLS[0]] },
    source: (environment) => commandServer(command, environment),
  };
}
