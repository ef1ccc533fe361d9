/** A bench with and without its traced pass. */
import { expect, test, vi } from "vitest";
import { tracers } from "../../system/run/traced-servers.ts";
import { benchCommand, refusal, serverCommand } from "./command-line.ts";

test("a bench tells the system calls of a user's server, or why it does not know them", async () => {
  const { run } = await benchCommand(serverCommand("plain-echo.mjs"));
  const [cell] = run.cells;
  if (tracers.every(({ tracer }) => tracer === null)) {
    expect(cell?.traceReason).toContain("No tracer works here.");
    return;
  }
  expect(cell?.traceReason).toBeNull();
  const total = Object.values(cell?.trace?.calls ?? {}).reduce((sum, one) => sum + one, 0);
  expect(total).toBeGreaterThan(1.5);
  // A machine that is busy may make the sample invalid, and then nothing is summarised.
  expect(["ok", "invalid"]).toContain(cell?.status);
  if (cell?.status === "ok") expect(cell.summary?.syscallsPerOp?.value).toBe(total);
});

test("without a tracer the number is null and the reason says what to install", async () => {
  vi.stubEnv("PATH", "");
  try {
    const { run } = await benchCommand(serverCommand("plain-echo.mjs"));
    // A machine that is busy may make the sample invalid, and then it has no summary either.
    expect(run.cells[0]?.samples[0]?.status).not.toBe("failed");
    expect(run.cells[0]?.trace).toBeNull();
    expect(run.cells[0]?.summary?.syscallsPerOp ?? null).toBeNull();
    expect(run.cells[0]?.traceReason).toContain("perf is not on the PATH: install");
  } finally {
    vi.unstubAllEnvs();
  }
});

test("an unknown scope of tracing is refused with those there are", async () => {
  const { code, message } = await refusal("bench", "--trace", "some");
  expect(code).toBe(2);
  expect(message).toContain('--trace takes none, closed, all, not "some".');
});
