/** A reason to change nothing, in words for the person at the terminal. */
export class Refusal extends Error {}
