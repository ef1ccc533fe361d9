/** Signals that end a command: what it was doing is aborted and cleaned up, and the exit code names the signal. */

export const SIGNAL_EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
export type EndingSignal = keyof typeof SIGNAL_EXIT_CODES;

export interface Interruption {
  /** Aborted with the signal's name as its reason. */
  signal: AbortSignal;
  /** Stops handling the signals. */
  forget(): void;
}

export function untilSignal(): Interruption {
  const interruption = new AbortController();
  const onSignal = (signal: NodeJS.Signals): void => interruption.abort(signal);
  const names = Object.keys(SIGNAL_EXIT_CODES);
  for (const name of names) process.once(name, onSignal);
  return {
    signal: interruption.signal,
    forget: () => {
      for (const name of names) process.off(name, onSignal);
    },
  };
}
