/** What keeps callers, browsers and other users out: lines 1 to 13 of the checklist. */
import {
  type Edit,
  type Mutation,
  SEALED_FOR_ANY_PROVIDER,
  SEALED_FOR_ANY_USER,
} from "./mutation.ts";

const attacks = "tests/security/adversary.test.ts";

const malformed = "tests/security/malformed.test.ts";

const callers = "tests/edge/callers.test.ts";

/** Row-level security on states, and what stands behind it. */
const ANYBODY_TAKES: Edit[] = [
  {
    file: "supabase/migrations/calendar_oauth_states.sql",
    find: "for select to authenticated\n  using (user_id = (select auth.uid()))",
    replace: "for select to authenticated\n  using (true)",
  },
  {
    file: "supabase/migrations/calendar_oauth_states.sql",
    find: "for delete to authenticated\n  using (user_id = (select auth.uid()))",
    replace: "for delete to authenticated\n  using (true)",
  },
  {
    file: "supabase/migrations/calendar_functions.sql",
    find:
      "where state.user_id = p_user_id and state.state_hash = p_state_hash\n  returning * into taken;",
    replace: "where state.state_hash = p_state_hash\n  returning * into taken;",
  },
];

export const ofCallers: readonly Mutation[] = [
  {
    name: "1: a state is taken by its own user only",
    edits: [...ANYBODY_TAKES, SEALED_FOR_ANY_USER],
    test: attacks,
    filter: "line 1, google, POST with the header",
  },
  {
    name: "2: who finishes is who started",
    edits: [...ANYBODY_TAKES, SEALED_FOR_ANY_USER],
    test: attacks,
    filter: "line 2, outlook, GET with the cookie",
  },
  {
    name: "3: every flow has a verifier of its own",
    edits: [{
      file: "src/oauth/pkce.rs",
      find: "Ok(Self::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()?)))",
      replace: 'Ok(Self::new("v".repeat(43)))',
    }],
    test: attacks,
    filter: "line 3, google, GET with the header",
  },
  {
    name: "4: the verifier is random",
    edits: [{
      file: "src/oauth/pkce.rs",
      find: "Ok(Self::new(URL_SAFE_NO_PAD.encode(entropy::bytes::<32>()?)))",
      replace: 'Ok(Self::new("v".repeat(43)))',
    }],
    test: attacks,
    filter: "line 4, google, POST",
  },
  {
    name: "4: the challenge is S256",
    edits: [{
      file: "src/oauth/authorize.rs",
      find: '.append_pair("code_challenge_method", "S256")',
      replace: '.append_pair("code_challenge_method", "plain")',
    }],
    test: attacks,
    filter: "line 4, outlook, POST",
  },
  {
    name: "5: a taken state is gone",
    edits: [{
      file: "supabase/migrations/calendar_functions.sql",
      find:
        "delete from public.calendar_oauth_states as state\n  where state.user_id = p_user_id and state.state_hash = p_state_hash\n  returning * into taken;",
      replace:
        "select * into taken from public.calendar_oauth_states as state\n  where state.user_id = p_user_id and state.state_hash = p_state_hash;",
    }],
    test: attacks,
    filter: "line 5, google",
  },
  {
    name: "6: the database says whether a state is live",
    edits: [{
      file: "supabase/migrations/calendar_functions.sql",
      find: "'live', taken.expires_at > now(),",
      replace: "'live', true,",
    }],
    test: attacks,
    filter: "line 6, google",
  },
  {
    name: "6: what the database says about a state is heeded",
    edits: [{
      file: "src/oauth/callback.rs",
      find: "if !state_is_live {",
      replace: "if false && !state_is_live {",
    }],
    test: attacks,
    filter: "line 6, outlook",
  },
  {
    name: "7: a state is for one provider",
    edits: [{
      file: "src/oauth/callback.rs",
      find: "if state_provider != provider.as_str() {",
      replace: "if false && state_provider != provider.as_str() {",
    }, SEALED_FOR_ANY_PROVIDER],
    test: attacks,
    filter: "line 7, google",
  },
  {
    name: "7: iss is compared with the issuer",
    edits: [{
      file: "src/oauth/callback.rs",
      find: "if self.iss.is_some_and(|iss| !issuer.accepts(&iss)) {",
      replace: "if false && self.iss.is_some_and(|iss| !issuer.accepts(&iss)) {",
    }],
    test: attacks,
    filter: "line 7, outlook",
  },
  {
    name: "7: iss is compared to the letter",
    edits: [{
      file: "src/oauth/callback.rs",
      find: "Self::Exactly(expected) => iss == expected,",
      replace: "Self::Exactly(expected) => iss.starts_with(expected.as_str()),",
    }],
    test: attacks,
    filter: "line 7, outlook",
  },
  {
    name: "7: an id_token is of the configured issuer",
    edits: [{
      file: "src/oauth/id_token.rs",
      find: "issuer.issued(provider, &iss, claims.tid.as_deref())",
      replace: "!iss.is_empty() || issuer.issued(provider, &iss, claims.tid.as_deref())",
    }],
    test: "cargo",
    filter: "oauth::id_token::tests::another_issuer_is_refused",
  },
  {
    name: "7: an id_token of Microsoft names the very tenant of its issuer",
    edits: [{
      file: "src/oauth/callback.rs",
      find: "self.accepts(iss) && tid.is_some_and(|tid| iss == [prefix, tid, suffix].concat())",
      replace: "self.accepts(iss) && prefix.len() + suffix.len() + tid.map_or(0, str::len) > 0",
    }],
    test: "cargo",
    filter: "the_very_tenant",
  },
  {
    name: "7: an id_token is for this client",
    edits: [{
      file: "src/oauth/id_token.rs",
      find: 'if !is_for(client_id, found.take("aud")) {',
      replace: 'if !is_for(client_id, found.take("aud")) && client_id.is_empty() {',
    }],
    test: "cargo",
    filter: "another_clients_token",
  },
  {
    name: "8: the browser lands where the configuration says",
    edits: [{
      file: "src/service/calendar.rs",
      find: 'format!("{}#{}", flow.config.settings_url, fragment.as_str())',
      replace:
        'format!("{}#{}", self.request.header("x-forwarded-host").map_or(flow.config.settings_url.clone(), |host| format!("https://{host}/")), fragment.as_str())',
    }],
    test: attacks,
    filter: "line 8, google",
  },
  {
    name: "9: a doubled parameter is refused in a query",
    edits: [{
      file: "src/oauth/callback.rs",
      find: "if doubled {",
      replace: "if false && doubled {",
    }],
    test: attacks,
    filter: "line 9, google, GET",
  },
  {
    name: "9: a doubled member is refused in a body",
    edits: [{
      file: "src/json.rs",
      find: "object.iter().any(|(known, _)| **known == *name)",
      replace: "false",
    }],
    test: "tests/edge/bad_input.test.ts",
    filter: "twice",
  },
  {
    name: "9: the provider's words go no further",
    edits: [{
      file: "src/service/calendar.rs",
      find: '("provider", provider.as_str()),\n        ];',
      replace: '("provider", provider.as_str()),\n            ("detail", self.query),\n        ];',
    }],
    test: attacks,
    filter: "line 9, google, GET",
  },
  ...[
    'cache-control", "no-store',
    'referrer-policy", "no-referrer',
    'x-content-type-options", "nosniff',
  ]
    .map((header) => ({
      name: `10: ${header.split('"')[0]} is on every answer`,
      edits: [{
        file: "src/service/respond.rs",
        find: `headers.push(("${header}".into()));`,
        replace: "",
      }],
      test: malformed,
      filter: "malformed environments",
    })),
  {
    name: "10: no control characters in the code, the state, the issuer and the error",
    edits: [{
      file: "src/secret.rs",
      find: "text.bytes().all(|byte| (0x20..=0x7e).contains(&byte))",
      replace: "text.len() < usize::MAX",
    }],
    test: malformed,
    filter: "in a value that is used",
  },
  {
    name: "10: no control characters in paths",
    edits: [{
      file: "src/service.rs",
      find: "route::without_control_characters(path)",
      replace: "Ok::<_, Failure>(path)",
    }],
    test: malformed,
    filter: "in a path",
  },
  {
    name: "10: what a query holds beside the parameters of a route is nobody's business",
    edits: [{
      file: "src/service.rs",
      find: "        Ok(self.query)\n",
      replace: "        route::without_control_characters(self.query)\n",
    }],
    test: "tests/edge/refusals.test.ts",
    filter: "Microsoft refuses",
  },
  {
    name: "28: disconnect refuses a parameter that it does not know",
    edits: [{
      file: "src/service/route.rs",
      find: "        if name == PLATFORM_PARAMETER {",
      replace: "        if name == PLATFORM_PARAMETER || !known.contains(&&*name) {",
    }],
    test: "tests/edge/bad_input.test.ts",
    filter: "disconnects nothing",
  },
  {
    name: "11: only the app's own page starts a connection by a link",
    edits: [{
      file: "src/service/calendar.rs",
      find: "if !navigation::is_own(self.request) {",
      replace: "if !navigation::is_any(self.request) {",
    }],
    test: callers,
    filter: "connect from another site",
  },
  {
    name: "11: a prefetch starts nothing",
    edits: [{
      file: "src/service/navigation.rs",
      find: 'if request.header("sec-purpose").is_some() || request.header("purpose").is_some() {',
      replace: "if false {",
    }],
    test: callers,
    filter: "connect prefetched",
  },
  {
    name: "11: origins are compared whole",
    edits: [{
      file: "src/service/cors.rs",
      find: "find(|it| **it == *origin)",
      replace: "find(|it| origin.starts_with(it.as_str()))",
    }],
    test: "tests/edge/cors.test.ts",
  },
  {
    name: "11: the pages of the configured origins may read misconfigured",
    edits: [{
      file: "src/service/calendar.rs",
      find: "|_| Config::origins(&variable),",
      replace: "|_| Vec::new(),",
    }],
    test: "tests/edge/cors.test.ts",
    filter: "misconfigured",
  },
  {
    name: "12: a token that no header has room for is nobody's",
    edits: [{
      file: "src/store/answer.rs",
      find: "(431, _) => StoreError::Unauthorized,",
      replace: "",
    }],
    test: "tests/edge/callers.test.ts",
    filter: "of the largest size",
  },
  {
    name: "12: the role must be authenticated",
    edits: [{
      file: "src/session.rs",
      find: '|| claims.role.as_deref() != Some("authenticated")',
      replace: "",
    }],
    test: callers,
    filter: "service_role with a sub",
  },
  {
    name: "12: an anonymous user is nobody",
    edits: [{ file: "src/session.rs", find: "|| claims.is_anonymous", replace: "" }],
    test: callers,
    filter: "an anonymous user",
  },
  {
    name: "12: a token of an OAuth client is nobody's",
    edits: [{ file: "src/session.rs", find: "|| claims.of_oauth_client", replace: "" }],
    test: callers,
    filter: "a token of an OAuth client",
  },
  {
    name: "13: two different cookies of one name are no session",
    edits: [{
      file: "src/session.rs",
      find: "is_some_and(|earlier| earlier != value)",
      replace: "is_some_and(|_| false)",
    }],
    test: callers,
    filter: "two different ones",
  },
  {
    name: "13: a gap in the chunks is no session",
    edits: [{
      file: "src/session.rs",
      find: "if count == 0 || rest.iter().any(Option::is_some) {",
      replace: "if count == 0 {",
    }],
    test: "tests/security/cookies.test.ts",
  },
  {
    name: "13: an expired session in a cookie is none",
    edits: [{
      file: "src/session.rs",
      find: "exp * 1000.0 <= now_ms as f64",
      replace: "false && exp * 1000.0 <= now_ms as f64",
    }],
    test: "tests/security/cookies.test.ts",
  },
];
