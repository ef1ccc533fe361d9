/** Starts a framework in a child process of its own, as the harness does, for tests. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { ListenOptions } from "../../../harness/contract.ts";
import type { FromServer, ToServer } from "../../../harness/children/server/server-messages.ts";
import { underDescriptorLimit } from "../descriptor-limit.ts";

const PROGRAM = fileURLToPath(new URL("../../../harness/children/server/server-process.ts", import.meta.url));

export interface ServerProcess {
  port: number;
  pid: number;
  /** Has the same process listen once more, beside what it listens on already; resolves with the port. */
  listen(options: ListenOptions): Promise<number>;
  connectionsPerShard(): Promise<number[] | null>;
  stop(): Promise<void>;
}

/** `descriptorLimit` lowers the limit on open files of the server's process. */
export async function startServerProcess(
  moduleUrl: string,
  options: ListenOptions,
  descriptorLimit?: number,
): Promise<ServerProcess> {
  const [command, ...args] = underDescriptorLimit([process.execPath, PROGRAM], descriptorLimit);
  const child = spawn(command!, args, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
  const exited = once(child, "exit");
  const ask = async (question: ToServer): Promise<FromServer> => {
    const answer = once(child, "message") as Promise<[FromServer]>;
    child.send(question);
    const died = exited.then(() => {
      throw new Error("The server process ended before it answered.");
    });
    const [message] = await Promise.race([answer, died]);
    if (message.kind === "error") throw new Error(message.message);
    return message;
  };
  const stop = async (): Promise<void> => {
    child.kill("SIGKILL");
    await exited;
  };
  const listen = async (options: ListenOptions): Promise<{ port: number; pid: number }> => {
    const listening = await ask({ kind: "listen", moduleUrl, options });
    if (listening.kind !== "listening")
      throw new Error(`Expected "listening", but "${listening.kind}" came.`);
    return listening;
  };
  try {
    const { port, pid } = await listen(options);
    return {
      port,
      pid,
      listen: async (options) => (await listen(options)).port,
      connectionsPerShard: async () => {
        const answer = await ask({ kind: "connectionsPerShard" });
        return answer.kind === "connectionsPerShard" ? answer.counts : null;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
