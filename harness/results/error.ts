/** What can go wrong between a run and its file, in words that name the file, the fields at fault and what to do. */
import { Failure } from "../failure.ts";

/**
 * - `missing`: there is no such file, or no run in that folder
 * - `unreadable`: the file is there and the system would not let it be read
 * - `damaged`: not JSON, or a field is not what the format says
 * - `foreign`: JSON, but not a readymark run
 * - `newer`, `older`: written by another version of readymark
 * - `unwritable`: the system would not let the file be written; what was there before is untouched
 */
export type ResultErrorKind =
  | "missing"
  | "unreadable"
  | "damaged"
  | "foreign"
  | "newer"
  | "older"
  | "unwritable";

export class ResultError extends Failure {
  readonly kind: ResultErrorKind;
  /** The file or reference it is about. */
  readonly path: string;
  /** For a damaged run: each field at fault, what was expected and what was found. */
  readonly problems: readonly string[];

  constructor(kind: ResultErrorKind, path: string, message: string, problems: readonly string[] = []) {
    super(kind === "unwritable" ? 4 : 2, message);
    this.name = "ResultError";
    this.kind = kind;
    this.path = path;
    this.problems = problems;
  }
}
