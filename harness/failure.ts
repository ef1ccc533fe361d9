/**
 * An error the user can act on: its message is a whole sentence and is printed without a stack. `exitCode` follows the
 * command line's contract: 1 a failed cell, 2 wrong usage, 4 an environment that cannot be measured.
 */
export class Failure extends Error {
  readonly exitCode: 1 | 2 | 4;

  constructor(exitCode: 1 | 2 | 4, message: string) {
    super(message);
    this.name = "Failure";
    this.exitCode = exitCode;
  }
}

/** What was asked for is refused by who was to do it, and would be again: no sample can be made of that. */
export class Refusal extends Failure {
  constructor(message: string) {
    super(4, message);
    this.name = "Refusal";
  }
}
