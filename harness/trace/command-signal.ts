/** Signals for the command of a supervised process, whose supervisor would take one for its own end. */
import { processTree } from "../processes/proc.ts";
import type { Supervised } from "../processes/supervised.ts";

/** Does nothing when the command has ended. */
export function signalCommand({ supervisorPid }: Supervised, signal: NodeJS.Signals): void {
  const [, command] = processTree(supervisorPid);
  if (command === undefined) return;
  try {
    process.kill(command, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
