/** Real servers under real load with a tracer on them. */
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { addressServer, commandServer } from "../../../harness/children/server/external-server.ts";
import { PROJECT_ROOT } from "../../../harness/project.ts";
import { SYSTEM_CALL_GROUPS } from "../../../harness/machine/tracers/system-calls.ts";
import type { Trace } from "../../../harness/results/run.ts";
import type { TracedPass } from "../../../harness/run/traced-pass.ts";
import { serverNamed, traceEchoes, tracers } from "./traced-servers.ts";

function callsOf({ trace, reason }: TracedPass, group: keyof typeof SYSTEM_CALL_GROUPS): number {
  if (trace === null) throw new Error(reason);
  return SYSTEM_CALL_GROUPS[group].reduce((sum, name) => sum + (trace.calls[name] ?? 0), 0);
}

/** How far a count per operation may be off, because the ends of the window are uncertain. */
function slack({ operations, operationsError }: Trace): number {
  return (operationsError + 16) / operations;
}

for (const { tool, tracer, reason } of tracers) {
  describe(`with ${tool}`, () => {
    test("an echo on node-net costs one write and at least one read", async (context) => {
      if (tracer === null) return context.skip(reason);
      const pass = await traceEchoes(serverNamed("node-net", "default").source, tracer);
      if (pass.trace === null) throw new Error(pass.reason);
      const { tool: used, operations } = pass.trace;
      expect(used).toBe(tool);
      expect(operations).toBeGreaterThan(0);
      expect(callsOf(pass, "write")).toBeGreaterThanOrEqual(1 - slack(pass.trace));
      expect(callsOf(pass, "write")).toBeLessThan(1.5 + slack(pass.trace));
      expect(callsOf(pass, "read")).toBeGreaterThanOrEqual(1 - slack(pass.trace));
    });

    test("threads that begin after the tracer are traced", async (context) => {
      if (tracer === null) return context.skip(reason);
      const pass = await traceEchoes(serverNamed("thread-per-connection", "default").source, tracer);
      if (pass.trace === null) throw new Error(pass.reason);
      expect(callsOf(pass, "read")).toBeGreaterThanOrEqual(1 - slack(pass.trace));
      expect(callsOf(pass, "write")).toBeGreaterThanOrEqual(1 - slack(pass.trace));
    });

    test("a user's command is traced", async (context) => {
      if (tracer === null) return context.skip(reason);
      const script = join(PROJECT_ROOT, "tests/measuring/commands/servers/plain-echo.mjs");
      const pass = await traceEchoes(commandServer(`'${process.execPath}' '${script}'`), tracer);
      if (pass.trace === null) throw new Error(pass.reason);
      expect(callsOf(pass, "write")).toBeGreaterThanOrEqual(1 - slack(pass.trace));
    });

    test("a server that dies while it is traced gives a reason", async (context) => {
      if (tracer === null) return context.skip(reason);
      const { source } = serverNamed("node-net", "default");
      const dying = {
        ...tracer,
        attach: async (pids: readonly number[]) => {
          const tracing = await tracer.attach(pids);
          const begin = async (): Promise<void> => {
            await tracing.begin();
            process.kill(pids[0] as number, "SIGKILL");
          };
          return { ...tracing, begin };
        },
      };
      const pass = await traceEchoes(source, dying);
      expect(pass.trace).toBeNull();
      expect(pass.reason).toMatch(/^The traced pass of (perf|strace) failed: .+\.$/);
    });

    test("a process that is gone cannot be attached to", async (context) => {
      if (tracer === null) return context.skip(reason);
      await expect(tracer.attach([2 ** 22 - 3])).rejects.toThrow(new RegExp(`^${tool} could not`));
    });
  });
}

test("edge-triggered epoll reads no more often than level-triggered epoll for each echo", async (context) => {
  // Under strace the next request is there before a read that would find nothing, so it cannot show one.
  const perf = tracers.find(({ tool }) => tool === "perf");
  if (!perf?.tracer) return context.skip(perf?.reason);
  const level = await traceEchoes(serverNamed("native-echo", "epoll").source, perf.tracer);
  const edge = await traceEchoes(serverNamed("native-echo", "epoll-et").source, perf.tracer);
  expect(callsOf(edge, "read")).toBeLessThan(callsOf(level, "read") * 1.3);
});

test("a server that was started elsewhere is left alone", async () => {
  const running = await serverNamed("node-net", "default").source({
    ...{ protocol: "tcp", cpus: [0], shards: 1, port: 0 },
  });
  try {
    const untouchable = {
      tool: "perf" as const,
      attach: async () => {
        throw new Error("it was attached to");
      },
    };
    const pass = await traceEchoes(addressServer(running.host, running.port), untouchable);
    expect(pass.reason).toContain("the server was started elsewhere");
  } finally {
    await running.stop();
  }
});
