/** What keeps a thread running, and what does not. */
import { describe, expect, test } from "vitest";
import { runnableNames } from "./kinds.ts";
import { runScript } from "./scripts.ts";

// Each of these is a process of its own, and starting it is most of what it does.
describe.concurrent.each(runnableNames)("%s", (multiplexer) => {
  test("a process ends although a server and connections that are not to keep it are open", async () => {
    const { output, code } = await runScript("unref-and-end.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "ended\n", code: 0 });
  });

  test("ref() takes unref() back", async () => {
    const { output, code } = await runScript("ref-again.ts", [multiplexer]);
    expect({ output, code }).toEqual({ output: "still there\n", code: 0 });
  });
});
