/** What a command does that has the machine to itself: one at a time, and nothing left behind when a signal ends it. */
import { takeMachineLock } from "../harness/machine/lock.ts";
import { SIGNAL_EXIT_CODES, untilSignal, type EndingSignal } from "./signals.ts";

/**
 * Resolves with what `work` does, or with the exit code of the signal that aborted it, after a sentence on stderr. `title` is what
 * another command is told that has to wait. `ending` says what a signal has left.
 */
export async function alone(
  title: string,
  work: (signal: AbortSignal) => Promise<number>,
  ending: () => string = () => "nothing is left running",
): Promise<number> {
  const lock = await takeMachineLock(title);
  const interruption = untilSignal();
  try {
    return await work(interruption.signal);
  } catch (error) {
    if (!interruption.signal.aborted) throw error;
    const signal = interruption.signal.reason as EndingSignal;
    process.stderr.write(`readymark: stopped by ${signal}; ${ending()}.\n`);
    return SIGNAL_EXIT_CODES[signal];
  } finally {
    await lock.release();
    interruption.forget();
  }
}
