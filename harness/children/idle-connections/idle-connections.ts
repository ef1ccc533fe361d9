/** A crowd of idle connections, held by processes of their own within each one's descriptor limit. */
import { join } from "node:path";
import { SPARE_DESCRIPTORS, openFileLimit } from "../../machine/open-files.ts";
import { spawnSupervised, type Supervised } from "../../machine/supervised.ts";
import { withinSeconds } from "../../machine/time-limit.ts";
import type { FromHolder, ToHolder } from "./idle-messages.ts";

/** Within the 20,000 descriptors that some systems allow at most, with room to spare. */
const CONNECTIONS_PER_HOLDER = 15_000;
const OPENING_LIMIT_SECONDS = 60;
const COUNTING_LIMIT_SECONDS = 5;

/** Holders that this process has started so far. */
let started = 0;

export interface Crowd {
  /** Rejects with a sentence when a connection was lost since it was opened. */
  requireWhole(): Promise<void>;
  disperse(): Promise<void>;
}

/** How the connections are split over holders, so that each stays within `openFiles`; null when that is not known. */
export function holderShares(connections: number, openFiles: number | null): number[] {
  const allowed = openFiles === null ? CONNECTIONS_PER_HOLDER : openFiles - SPARE_DESCRIPTORS;
  const most = Math.max(1, Math.min(CONNECTIONS_PER_HOLDER, allowed));
  const holders = Math.ceil(connections / most);
  return Array.from({ length: holders }, (_, index) => Math.min(most, connections - index * most));
}

/** Opens the connections and resolves when all are there; rejects with a sentence, leaving none behind. */
export async function gatherCrowd(
  target: { host: string; port: number },
  connections: number,
  cpus: readonly number[],
): Promise<Crowd> {
  const holders: Supervised[] = [];
  const disperse = async (): Promise<void> => {
    await Promise.all(holders.map((holder) => holder.kill()));
  };
  try {
    for (const share of holderShares(connections, openFileLimit())) {
      const holder = spawnSupervised({
        command: process.execPath,
        args: ["--disable-warning=ExperimentalWarning", join(import.meta.dirname, "idle-process.ts")],
        cpus,
        ipc: true,
      });
      holders.push(holder);
      // Each holder has source addresses of its own, and with them ports of its own. The ports of a crowd that
      // dispersed rest for a minute (TIME_WAIT), so the next one comes from other addresses.
      const localNetwork = target.host.startsWith("127.") ? `127.2.${started++ % 256}` : null;
      tell(holder, { kind: "hold", ...target, localNetwork, connections: share });
      await withinSeconds(
        OPENING_LIMIT_SECONDS,
        `opening ${share} idle connections`,
        answerOf(holder, "held"),
      );
    }
  } catch (error) {
    await disperse();
    throw error;
  }
  return { requireWhole: () => requireWhole(holders, connections), disperse };
}

async function requireWhole(holders: readonly Supervised[], connections: number): Promise<void> {
  const counts = await Promise.all(
    holders.map((holder) => {
      tell(holder, { kind: "count" });
      return withinSeconds(COUNTING_LIMIT_SECONDS, "counting idle connections", answerOf(holder, "count"));
    }),
  );
  const open = counts.reduce((sum, count) => sum + count.open, 0);
  if (open === connections) return;
  const reason = counts.find(({ firstLoss }) => firstLoss !== null)?.firstLoss ?? "unknown";
  throw new Error(`Of ${connections} idle connections ${connections - open} were lost (first: ${reason}).`);
}

function tell(holder: Supervised, message: ToHolder): void {
  holder.send(message);
}

function answerOf<Kind extends FromHolder["kind"]>(
  holder: Supervised,
  kind: Kind,
): Promise<Extract<FromHolder, { kind: Kind }>> {
  return holder.receive((raw) => {
    const message = raw as FromHolder;
    if (message.kind === "error") throw new Error(message.message);
    return message.kind === kind ? (message as Extract<FromHolder, { kind: Kind }>) : undefined;
  });
}
