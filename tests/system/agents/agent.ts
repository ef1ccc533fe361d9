/** Agents as processes, as a user starts them. */
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { startReadymark } from "../../measuring/commands/command-line.ts";
import type { Broker } from "./broker.ts";

/** Starts an agent, and resolves when it says that it is ready. */
export async function startAgent(broker: Broker, name: string, ...flags: string[]): Promise<ChildProcess> {
  const { child } = startReadymark(["agent", "--nats", broker.url, "--name", name, ...flags]);
  await said(child, "is ready");
  return child;
}

/** Resolves with what the process has written to stderr when these words are among it. */
export function said(child: ChildProcess, words: string): Promise<string> {
  let heard = "";
  return new Promise((resolve, reject) => {
    child.stderr!.on("data", (chunk) => {
      heard += String(chunk);
      if (heard.includes(words)) resolve(heard);
    });
    child.once("exit", () => reject(new Error(`It never said "${words}", but: ${heard}`)));
  });
}

/** Ends it as a user would, unless told otherwise. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill(signal);
  await ended;
}
