/** What a caller is told instead of an answer. */
export class Failure extends Error {
  constructor(readonly status: number, readonly code: string) {
    super(code);
  }
}
