/** Servers in other runtimes are processes of their own, and must not outlive the one that started them. */
import { describe, expect, test } from "vitest";

import { listenersOn } from "../../../harness/machine/proc.ts";
import { startServerProcess } from "../conformance/server-process.ts";
import { frameworks, listenOptions } from "./listen-options.ts";

describe.each(["bun", "deno"])("%s", (name) => {
  test("ends when the process that started it is killed", async ({ skip }) => {
    const found = frameworks.find(({ framework }) => framework.name === name);
    const [variant] = found?.variants ?? [];
    if (found === undefined || variant === undefined) throw new Error(`There is no framework ${name}.`);
    const availability = await variant.availability();
    if (!availability.available) skip(availability.reason);
    const server = await startServerProcess(found.moduleUrl, listenOptions({ variant: variant.name }));
    expect(listenersOn(server.port)).toEqual([server.pid]);
    // It is killed, and has no time to stop anything.
    await server.stop();
    while (listenersOn(server.port).length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  });
});
