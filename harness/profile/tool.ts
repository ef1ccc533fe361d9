/** What a profiler is to the harness, and whether it sees anything of a server. */
import type { Availability, Variant } from "../contract.ts";

interface Command {
  /** Words of a command line; the program to profile is among them. */
  words: string[];
  environment: Record<string, string>;
}

export interface Tool {
  name: string;
  /** What it shows, in one sentence. */
  description: string;
  /** The version that will run, or how to get it. */
  availability(): Promise<Availability>;
  /** It follows what Node.js waits for, and so nothing of a server that waits by other means. */
  followsLibuvOnly?: true;
  /** Runs `program`, the words of a command that runs Node.js, and writes what it found to the folder. */
  command(program: readonly string[], folder: string): Command;
  /** What ends the program: SIGTERM makes it exit by itself, and SIGINT is for tools that then end it themselves. */
  endSignal: "SIGTERM" | "SIGINT";
  /** Seconds that it may take to write what it found, once the program has ended. */
  limitSeconds: number;
  /** The files that a user opens, of those that it left. Empty when it left none that shows anything. */
  results(folder: string): string[];
  /** What to do with them. */
  howToRead: string;
}

/** Why the tool cannot see this server, in a sentence; null when it can. */
export function blindness(
  { name: tool, followsLibuvOnly }: Tool,
  server: string,
  { handledBy, waitsInLibuv }: Variant,
): string | null {
  if (handledBy !== undefined)
    return `${tool} sees JavaScript of Node.js, and ${server} is ${handledBy}. Take perf: perf record -g -p PID`;
  if (followsLibuvOnly && !waitsInLibuv)
    return `${tool} follows what the main thread of Node.js waits for, and ${server} waits by other means. Take --tool flame or cpu-prof.`;
  return null;
}
