/** What holds against faults, thieves and floods: lines 14 to 24 of the checklist. */
import { type Mutation, SEALED_FOR_ANY_PROVIDER, SEALED_FOR_ANY_USER } from "./mutation.ts";

const envelopes = "tests/security/envelopes.test.ts";

const malformed = "tests/security/malformed.test.ts";

const differential = "tests/security/differential.test.ts";

const chaos = "tests/security/chaos.test.ts";

const faults = "tests/edge/provider_faults.test.ts";

export const ofFaults: readonly Mutation[] = [
  {
    name: "14: redirects of the token endpoint are not followed",
    edits: [{
      file: "src/wasm/runtime.js",
      find: 'redirect: "manual"',
      replace: 'redirect: "follow"',
    }],
    test: faults,
    filter: "is not followed",
  },
  {
    name: "14: answers are read up to a limit",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "if (size > limit) throw new TooLarge();",
      replace: ";",
    }],
    test: "tests/security/bomb.test.ts",
  },
  {
    name: "14: a packed answer's length is not believed",
    edits: [{
      file: "src/wasm/runtime.js",
      find: ' || headers.has("content-encoding")',
      replace: "",
    }],
    test: "tests/security/bomb.test.ts",
    filter: "Deno current: bombs of 50 MiB",
  },
  {
    name: "14: silence ends at the deadline",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "setTimeout(() => controller.abort(), ms)",
      replace: "setTimeout(() => {}, ms)",
    }],
    test: faults,
    filter: "silence at the exchange",
  },
  {
    name: "22: silence of the database ends at the deadline",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "setTimeout(() => controller.abort(), ms)",
      replace: "setTimeout(() => {}, ms)",
    }],
    test: "tests/edge/database_faults.test.ts",
    filter: "status: no answer in time",
  },
  {
    name: "14: the token type is bearer",
    edits: [{
      file: "src/oauth/token.rs",
      find: "_ => return Err(TokenError::Malformed(Cause::TOKEN_MALFORMED_TOKEN_TYPE)),",
      replace: "_ => {}",
    }],
    test: differential,
    filter: "token responses",
  },
  {
    name: "14: tokens are visible ASCII",
    edits: [{
      file: "src/oauth/token.rs",
      find: "text.len() <= TOKEN_LIMIT && is_vschar(text)",
      replace: "text.len() <= TOKEN_LIMIT",
    }],
    test: differential,
    filter: "token responses",
  },
  {
    name: "15: the calendar was granted",
    edits: [{
      file: "src/oauth/token.rs",
      find:
        "provider\n                .judge_scopes(&scope)\n                .ok_or(TokenError::ScopeMissing)?,",
      replace:
        "provider\n                .judge_scopes(&scope)\n                .unwrap_or_else(|| vec![scope.to_string()]),",
    }],
    test: "tests/edge/flows.test.ts",
    filter: "consent without the calendar",
  },
  {
    name: "17: a sealed value is its user's",
    edits: [SEALED_FOR_ANY_USER],
    test: envelopes,
    filter: "for another user",
  },
  {
    name: "17: a sealed value is its provider's",
    edits: [SEALED_FOR_ANY_PROVIDER],
    test: envelopes,
    filter: "for another provider",
  },
  {
    name: "17: a sealed value is its account's",
    edits: [{
      file: "src/vault.rs",
      find: "place.account.unwrap_or_default(),",
      replace: '"",',
    }],
    test: envelopes,
    filter: "for another account",
  },
  {
    name: "18: keys are derived as it is written down",
    edits: [{
      file: "src/vault.rs",
      find: 'Purpose::AccessToken => b"calendar-connect/v1/access_token",',
      replace: 'Purpose::AccessToken => b"calendar-connect/v1/access-token",',
    }],
    test: envelopes,
    filter: "sealed by WebCrypto",
  },
  {
    name: "18: salt and nonce are fresh",
    edits: [{
      file: "src/vault.rs",
      find: "self.seal_with(place, plaintext, entropy::bytes()?)",
      replace: "self.seal_with(place, plaintext, [7; SALT + NONCE])",
    }],
    test: envelopes,
    filter: "no salt",
  },
  {
    name: "19: what the provider answered is not printed",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "  // A trapped instance gets nothing more.\n",
      replace:
        '  console.log(JSON.stringify({ request_id: "x", body: new TextDecoder().decode(reply.bytes) }));\n',
    }],
    test: chaos,
  },
  {
    name: "19: the log names the user and not their token",
    edits: [{
      file: "src/wasm.rs",
      find: "log_line(&handled.log.to_json());",
      replace:
        'log_line(&handled.log.to_json().replacen(\'{\', &format!("{{\\"a\\":{:?},", caller.header("authorization").unwrap_or_default()), 1));',
    }],
    test: chaos,
  },
  {
    name: "30: a reply is its call's",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "return trapped ? new Promise(() => {}) : reply;",
      replace: "globalThis.reply = reply; await undefined; return globalThis.reply;",
    }],
    test: "tests/security/tasks.test.ts",
  },
  {
    name: "22: a deadline is never early",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "setTimeout(() => controller.abort(), ms)",
      replace: "setTimeout(() => controller.abort(), ms * 0.9)",
    }],
    test: "tests/security/deadlines.test.ts",
    filter: "early",
  },
  {
    name: "24: a timer is cleared",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "clearTimeout(timer);",
      replace: "",
    }],
    test: "tests/security/deadlines.test.ts",
    filter: "one timer each",
  },
  {
    name: "24: a body is dropped once it is parsed",
    edits: [{
      file: "src/service/calendar.rs",
      find: "            Callback::from_json(&body)?\n",
      replace:
        "            let parsed = Callback::from_json(&body)?;\n            std::mem::forget(body);\n            parsed\n",
    }],
    test: "tests/security/bodies.test.ts",
  },
  {
    name: "24: a body has no stream",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "!request.body || isWithin(limit, request.headers)",
      replace: "!request.body",
    }],
    test: "tests/security/bodies.test.ts",
  },
  {
    name: "20: five states of a user and no more",
    edits: [{
      file: "supabase/migrations/calendar_oauth_states.sql",
      find: "ranked.place > 5",
      replace: "ranked.place > 500",
    }],
    test: "tests/security/flooding.test.ts",
  },
  {
    name: "20: bodies are read up to a limit",
    edits: [{
      file: "src/service.rs",
      find: "pub const BODY_LIMIT: u32 = 32 * 1024;",
      replace: "pub const BODY_LIMIT: u32 = 32 * 1024 * 1024;",
    }],
    test: "tests/security/flooding.test.ts",
    filter: "oversized",
  },
  {
    name: "22: success is answered when the row is there",
    edits: [{
      file: "src/flow/complete.rs",
      find: "let standing = self.save(wire, &grant, &account, known).await?;",
      replace:
        "let standing = self.save(wire, &grant, &account, known).await.unwrap_or(Standing {\n            connections: Vec::new(),\n            sync: crate::store::SyncHealth::default(),\n        });",
    }],
    test: chaos,
  },
  {
    name: "22: nothing is stored of a refused grant",
    edits: [{
      file: "src/oauth/token.rs",
      find: "refresh_token: self.refresh_token.ok_or(TokenError::RefreshTokenMissing)?,",
      replace:
        'refresh_token: self.refresh_token.unwrap_or_else(|| RefreshToken::new("none".to_owned())),',
    }],
    test: chaos,
  },
  {
    name: "23: a trap answers those in flight",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "resolve(internal(origin));",
      replace: "",
    }],
    test: "tests/security/traps.test.ts",
    filter: "Deno current: a trap is answered",
    trap: true,
  },
  {
    name: "23: a trap after a reply is one too",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "  } catch (error) {\n    stop(error);",
      replace: "  } catch {\n    return;",
    }],
    test: "tests/security/traps.test.ts",
    filter: "Deno current: a trap after a reply",
    trap: true,
  },
  {
    name: "23: a helper promises nothing after a trap",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "if (trapped) return trap();",
      replace: "",
    }],
    test: "tests/security/traps.test.ts",
    filter: "Deno current: a trap rejects",
    trap: true,
  },
  {
    name: "23: the app's pages may read a trap's answer",
    edits: [{
      file: "src/wasm.rs",
      find: "readable_by(service.origins().to_vec());",
      replace: "",
    }],
    test: "tests/security/traps.test.ts",
    filter: "Deno current: a trap is answered",
    trap: true,
  },
  {
    name: "23: an instance that trapped ends",
    edits: [{
      file: "src/wasm/runtime.js",
      find: "setTimeout(() => {\n    throw error;\n  });",
      replace: "",
    }],
    test: "tests/security/traps.test.ts",
    filter: "Deno current: five traps",
    trap: true,
  },
  {
    name: "24: nothing is kept of a request",
    edits: [{
      file: "src/service.rs",
      find: "let started_ms = (self.clock.now_ms)();",
      replace: "let started_ms = (self.clock.now_ms)(); std::mem::forget(vec![0_u8; 512]);",
    }],
    test: malformed,
    filter: "line 24",
  },
];
