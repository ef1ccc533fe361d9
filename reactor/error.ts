/** The one error type of the reactor: which call failed, how, and what to do about it. */
import { getSystemErrorMap } from "node:util";
import type { NativeConnectOptions } from "../native/index.ts";

const ADVICE: Record<string, string> = {
  EADDRINUSE: "choose another port, or stop what holds it",
  EADDRNOTAVAIL: "listen on an address of this machine, for example 127.0.0.1",
  EACCES: "choose a port above 1023, or run with the right to bind it",
  EMFILE: "raise the limit on open files (ulimit -n), or close connections",
  ENFILE: "the whole system is out of descriptors: close some",
  ETIMEDOUT: "there was no traffic, or the peer took no data, for longer than the time limit",
  ECONNRESET: "the peer reset the connection, which is its way to end it at once",
  EPIPE: "the peer had closed the connection: stop writing after the close",
};

/** What else can be wrong with where to listen. */
const LISTEN_ADVICE: Record<string, string> = {
  EADDRINUSE:
    "choose another port or path, or stop what holds it; the file of a Unix socket that nobody listens on any more has to be removed",
  ENOENT: "the folder of the path does not exist: make it first",
  EBADF: "the descriptor is not open in this process: check what it was started with",
  ENOTSOCK: "the descriptor is no socket: check what this process was started with",
  EOPNOTSUPP: "the descriptor is a socket that cannot listen: pass a stream socket",
};

/** The same errors mean something else when connecting. */
const CONNECT_ADVICE: Record<string, string> = {
  EADDRNOTAVAIL:
    "give a localAddress of this machine, or wait: with none given, all local ports for this peer are in use",
  EACCES: "a local firewall or a broadcast address forbids it: check both",
  EPERM: "a local firewall forbids it: check its rules",
  ENOENT: "there is no such socket: start the server, or check the path",
  EAGAIN: "the server's backlog is full, and a Unix socket does not wait: try again later",
  ECONNREFUSED: "nothing listens there: start the server, or check the port",
  ECONNRESET: "the peer accepted and reset it at once: its log may say why",
  EHOSTUNREACH: "the network knows no way to that host: check the address, or whether the host is up",
  EINVAL: "the localAddress cannot reach that host: leave it out, or choose one of the same network",
  ENETUNREACH: "this machine has no route to that network: check the address and the routes (ip route)",
  ETIMEDOUT: "no answer came in time: check the address and firewalls, or raise connectTimeoutMs",
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
  advice: Record<string, string> = ADVICE,
): ReactorError {
  const code = nameOf(errno);
  const meaning = getSystemErrorMap().get(-errno)?.[1] ?? "unknown error";
  const what = advice[code] ?? ADVICE[code] ?? "the error's name says more in `man errno`";
  return new ReactorError(`${doing} (${call}: ${code}, ${meaning}); ${what}.`, call, errno, options);
}

/** What native code threw when it was to listen, as a `ReactorError`. */
export function listenError(options: Place, error: unknown): ReactorError {
  return thrownError(`The reactor could not listen on ${placeOf(options)}`, "listen", error, LISTEN_ADVICE);
}

/** Why a connection was not made: an errno, or what native code threw. */
export function connectError(options: NativeConnectOptions, cause: unknown): ReactorError {
  const doing = `The reactor could not connect to ${placeOf(options)}`;
  if (typeof cause === "number") return systemError(doing, "connect", cause, undefined, CONNECT_ADVICE);
  return thrownError(doing, "connect", cause, CONNECT_ADVICE);
}

/** What native code threw while it was `doing` something; `call` is for what was no system call. */
export function thrownError(
  doing: string,
  call: string,
  error: unknown,
  advice?: Record<string, string>,
): ReactorError {
  const system = error as { call?: string; errno?: number };
  if (system.call !== undefined && system.errno !== undefined) {
    return systemError(doing, system.call, system.errno, { cause: error }, advice);
  }
  return new ReactorError(`${doing}: ${(error as Error).message}`, call, 0, { cause: error });
}

interface Place {
  host: string;
  port: number;
  path: string;
  fd?: number;
}

/** As a reader would write it; abstract names begin with "@", as in `ss -x`. */
function placeOf(options: Place): string {
  if (options.fd !== undefined && options.fd >= 0) return `descriptor ${options.fd}`;
  if (options.path !== "") return options.path.replace(/^\0/, "@");
  return `${options.host}:${options.port}`;
}

function nameOf(errno: number): string {
  return getSystemErrorMap().get(-errno)?.[0] ?? `errno ${errno}`;
}
