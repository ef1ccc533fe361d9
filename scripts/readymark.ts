#!/usr/bin/env node
/** `readymark COMMAND`: finds the command among the files of scripts/commands/, runs it, and turns errors into sentences. */
import "../harness/older-node.ts";
import { Failure } from "../harness/failure.ts";
import { loadModule, modulesIn } from "../harness/modules.ts";
import { unknownName } from "../harness/unknown-name.ts";
import type { Command } from "./arguments.ts";

const COMMANDS_FOLDER = new URL("commands/", import.meta.url);

async function main(argv: readonly string[]): Promise<number> {
  const [name, ...commandArguments] = argv;
  const commandNames = modulesIn(COMMANDS_FOLDER);
  if (name === undefined || name === "--help" || name === "help") {
    process.stdout.write(await overview(commandNames));
    return name === undefined ? 2 : 0;
  }
  if (!commandNames.includes(name)) throw unknownName("command", name, commandNames);
  const command = await load(name);
  if (commandArguments.includes("--help")) {
    process.stdout.write(command.help);
    return 0;
  }
  return command.run(commandArguments);
}

async function load(name: string): Promise<Command> {
  return ((await loadModule(COMMANDS_FOLDER, name)) as { default: Command }).default;
}

async function overview(names: readonly string[]): Promise<string> {
  const commands = await Promise.all(names.map(load));
  const width = Math.max(...names.map((name) => name.length));
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}  ${command.summary}`);
  return `usage: readymark COMMAND [--help]\n\n${lines.join("\n")}\n`;
}

// A reader such as `head` may close the pipe early; that is no error of this program.
process.stdout.on("error", (error: NodeJS.ErrnoException) => process.exit(error.code === "EPIPE" ? 0 : 1));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const isForUser = error instanceof Failure || (error instanceof Error && error.name === "ResultError");
  process.stderr.write(
    `readymark: ${isForUser ? error.message : error instanceof Error ? error.stack : String(error)}\n`,
  );
  process.exitCode = error instanceof Failure ? error.exitCode : isForUser ? 2 : 1;
}
