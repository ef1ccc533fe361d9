/**
 * The process that is profiled: one framework on the port in PORT, without a channel to the controller, because profilers start
 * it themselves. It ends by itself on SIGTERM, since a profile is written when Node.js exits, and not when it is killed.
 */
import type { Framework, ListenOptions } from "../contract.ts";

/** What the environment variable holds, as JSON. */
export interface ProfileTarget {
  moduleUrl: string;
  options: Omit<ListenOptions, "port">;
}

export const TARGET_VARIABLE = "READYMARK_PROFILE_TARGET";

// Its caller imports the names above, and must not become a server by it.
if (process.env[TARGET_VARIABLE] !== undefined) await listen();

async function listen(): Promise<void> {
  const { moduleUrl, options } = JSON.parse(process.env[TARGET_VARIABLE] ?? "") as ProfileTarget;
  const { default: framework } = (await import(moduleUrl)) as { default: Framework };
  const server = await framework.listen({ ...options, port: Number(process.env["PORT"]) });
  process.once("SIGTERM", () => void server.close().finally(() => process.exit(0)));
}
