/** What perf and strace have in common as processes. */
import { processTree } from "../proc.ts";
import type { Supervised } from "../supervised.ts";

/** Rejects when the tool ends, with the last lines of its stderr; the rejection need not be handled. */
export function endOf(tool: Supervised, failure: string): Promise<never> {
  const ended = tool.ended.then((how): never => {
    const said = tool.stderrTail().join(" ").replaceAll(/\s+/g, " ");
    // What follows is the tool's usage text, which does not help.
    const [reason = ""] = said.split(/ ?Usage: /);
    throw new Error(`${failure}: ${reason.trim() || `it ${how}`}`);
  });
  ended.catch(() => undefined);
  return ended;
}

/** Sends a signal to the tool itself: its supervisor would take one for its own end. Does nothing when it has ended. */
export function signalCommand({ supervisorPid }: Supervised, signal: NodeJS.Signals): void {
  const [, command] = processTree(supervisorPid);
  if (command === undefined) return;
  try {
    process.kill(command, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
