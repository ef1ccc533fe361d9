/** The one error type of the reactor: which call failed, how, and what to do about it. */
import { getSystemErrorMap } from "node:util";
import type { NativeListenOptions } from "../native/index.ts";

const ADVICE: Record<string, string> = {
  EADDRINUSE: "choose another port, or stop what holds it",
  EADDRNOTAVAIL: "listen on an address of this machine, for example 127.0.0.1",
  EACCES: "choose a port above 1023, or run with the right to bind it",
  EMFILE: "raise the limit on open files (ulimit -n), or close connections",
  ENFILE: "the whole system is out of descriptors: close some",
  ETIMEDOUT: "the peer was silent for longer than the time limit",
  ECONNRESET: "the peer reset the connection, which is its way to end it at once",
  EPIPE: "the peer had closed the connection: stop writing after the close",
};

export class ReactorError extends Error {
  override readonly name = "ReactorError";
  /** The system call that failed, for example "bind", or what the reactor was doing. */
  readonly call: string;
  /** The error's name, for example "EADDRINUSE"; null when it was no error of the system. */
  readonly code: string | null;
  /** The error's number; 0 when it was no error of the system. */
  readonly errno: number;

  constructor(message: string, call: string, errno: number, options?: ErrorOptions) {
    super(message, options);
    this.call = call;
    this.errno = errno;
    this.code = errno === 0 ? null : nameOf(errno);
  }
}

/** `doing` begins the sentence, for example "The connection ended". */
export function systemError(
  doing: string,
  call: string,
  errno: number,
  options?: ErrorOptions,
): ReactorError {
  const code = nameOf(errno);
  const meaning = getSystemErrorMap().get(-errno)?.[1] ?? "unknown error";
  const advice = ADVICE[code] ?? "the error's name says more in `man errno`";
  return new ReactorError(`${doing} (${call}: ${code}, ${meaning}); ${advice}.`, call, errno, options);
}

/** What native code threw when it was to listen, as a `ReactorError`. */
export function listenError(options: NativeListenOptions, error: unknown): ReactorError {
  const doing = `The reactor could not listen on ${options.host}:${options.port}`;
  const { call, errno } = error as { call?: string; errno?: number };
  if (call !== undefined && errno !== undefined) return systemError(doing, call, errno, { cause: error });
  return new ReactorError(`${doing}: ${(error as Error).message}`, "listen", 0, { cause: error });
}

function nameOf(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}
