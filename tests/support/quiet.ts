/**
 * Supabase Lite prints every error of Postgres with its stack, also the refusals that a test is there
 * to see. Those are dropped; everything else is printed.
 */
const print = console.error;

console.error = (...values: unknown[]) => {
  if (!values.every(isRefusal)) print(...values);
};

function isRefusal(value: unknown): boolean {
  return value instanceof Error && value.name === "PostgresError";
}
