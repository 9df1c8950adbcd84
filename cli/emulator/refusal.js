// @ts-check
/** Something in a configuration, scenario or admin request that cannot be; its message says what. */
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
