/** Commands that start with a lower limit on open files. */

/** The same command under this limit; without one, the command as it is. */
export function underDescriptorLimit(command: readonly string[], descriptorLimit?: number): string[] {
  if (descriptorLimit === undefined) return [...command];
  return ["/bin/sh", "-c", `ulimit -n ${descriptorLimit}; exec "$@"`, "sh", ...command];
}
