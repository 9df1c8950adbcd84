// @ts-check
/** An invalid configuration, scenario or admin request; the message says what is wrong. */
export class Refusal extends Error {
  /**
   * @param {string} message
   * @param {number} [status] of the admin API's answer
   */
  constructor(message, status = 400) {
    super(message);
    this.status = status;
  }
}
