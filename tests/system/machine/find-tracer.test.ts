/** Which tracer is chosen, and what is said when there is none. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { findTracer } from "../../../harness/machine/tracers/find-tracer.ts";
import { cpus } from "../run/traced-servers.ts";

test("without perf and strace it is said how to get them", async () => {
  vi.stubEnv("PATH", "");
  try {
    const { tracer, ...rest } = await findTracer(cpus);
    expect(tracer).toBeNull();
    expect(rest).toMatchObject({ reason: expect.stringContaining("perf is not on the PATH: install") });
    expect(rest).toMatchObject({ reason: expect.stringContaining("install strace") });
  } finally {
    vi.unstubAllEnvs();
  }
});

test("a perf that may not trace is not chosen, and its own words are kept", async () => {
  const folder = mkdtempSync(join(tmpdir(), "readymark-test-"));
  writeFileSync(
    join(folder, "perf"),
    "#!/bin/sh\necho 'No permission to enable this event.' >&2\nexit 255\n",
    {
      mode: 0o755,
    },
  );
  vi.stubEnv("PATH", folder);
  try {
    const choice = await findTracer(cpus);
    expect(choice).toMatchObject({
      tracer: null,
      reason: expect.stringContaining("No permission to enable this event."),
    });
    expect(choice).toMatchObject({ reason: expect.stringContaining("kernel.perf_event_paranoid") });
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true, force: true });
  }
});
