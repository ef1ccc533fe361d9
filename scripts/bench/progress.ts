/** Progress on stderr: one line that is redrawn on a terminal, one line for each protocol of a generation elsewhere. */
import type { Progress } from "../../harness/run/bench.ts";

export interface ProgressLine {
  update(progress: Progress): void;
  /** Removes the line, so that what follows starts on a clean one. */
  clear(): void;
}

export function showProgress(stream: NodeJS.WriteStream): ProgressLine {
  return stream.isTTY ? redrawnLine(stream) : lineByLine(stream);
}

function redrawnLine(stream: NodeJS.WriteStream): ProgressLine {
  const estimate = remainingTime();
  return {
    update: (progress) => {
      const { done, total, cell, phase } = progress;
      const count = `${done + 1}`.padStart(`${total}`.length);
      const server = cell.variant === "default" ? cell.framework : `${cell.framework}/${cell.variant}`;
      const line = `[${count}/${total}] ${estimate(progress)}  ${server} ${cell.protocol} ${cell.scenario}: ${phase}`;
      stream.write(`\r\u001b[K${line.slice(0, Math.max(20, (stream.columns || 80) - 1))}`);
    },
    clear: () => stream.write("\r\u001b[K"),
  };
}

function lineByLine(stream: NodeJS.WriteStream): ProgressLine {
  let shown = "";
  return {
    update: ({ generation, done, total, cell, phase }) => {
      const what = generation === null ? phase : `generation ${generation + 1}, ${cell.protocol}`;
      if (what === shown) return;
      shown = what;
      stream.write(`readymark: ${what}, ${done} of ${total} samples done\n`);
    },
    clear: () => undefined,
  };
}

/** The time left, from the samples of this session; those of an earlier, resumed one took no time here. */
function remainingTime(): (progress: Progress) => string {
  const startedAtMs = performance.now();
  let doneAtStart: number | null = null;
  return ({ done, total }) => {
    doneAtStart ??= done;
    const taken = done - doneAtStart;
    if (taken < 2) return "ETA --:--";
    const seconds = Math.round((((performance.now() - startedAtMs) / taken) * (total - done)) / 1000);
    return `ETA ${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
  };
}
