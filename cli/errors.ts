/** The two ends of a command that are nobody's fault here: each is told in its words, without a stack. */

/** A reason to change nothing. */
export class Refusal extends Error {}

/** A command line that means nothing. */
export class Misuse extends Error {
  constructor(
    message: string,
    /** What prints the right usage. */
    readonly help = "calendar-connect --help",
  ) {
    super(message);
  }
}
