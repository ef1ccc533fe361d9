/** Names of results: when they began, to the second and in UTC, and something that no other has. */
import { randomBytes } from "node:crypto";

/** `startedAt` as ISO 8601 has it, such as 2026-11-26T05:55:35.123Z; the name is then 20261126-055535-064d. */
export function resultId(startedAt: string): string {
  const stamp = startedAt.slice(0, "2026-11-26T05:55:35".length).replaceAll(/[-:]/g, "").replace("T", "-");
  return `${stamp}-${randomBytes(2).toString("hex")}`;
}
