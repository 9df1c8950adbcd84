/** The contract that the crate writes: `make generate` keeps contract.json up to date, and a test of the crate checks it. */
import contract from "../../contract.json" with { type: "json" };

export { contract };
