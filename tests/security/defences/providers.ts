/** Conditions of src/providers/, of the refresh and of the contract that the crate's own tests must see. */
import type { Mutation } from "./mutation.ts";

interface Fault {
  name: string;
  file: string;
  find: string;
  replace: string;
  filter: string;
}

const faults: Fault[] = [
  {
    name: "a detail makes no unknown error known",
    file: "providers/errors.rs",
    find: "(Self::Unknown, _) | (_, Self::Unknown) => false,",
    replace: "(Self::Unknown, _) | (_, Self::Unknown) => true,",
    filter: "no_detail_ever_turns_on_the_user_or_the_operator",
  },
  {
    name: "a detail puts the blame on nobody who was not to blame before",
    file: "providers/errors.rs",
    find: "matches!(to.party(), Party::Administrator | Party::Nobody)",
    replace: "true",
    filter: "no_detail_ever_turns_on_the_user_or_the_operator",
  },
  {
    name: "a tenant's refusal softens a refused client only",
    file: "providers/errors.rs",
    find: "(from, Self::TenantRefuses) => from == Self::ClientRefused,",
    replace: "(_, Self::TenantRefuses) => true,",
    filter: "no_detail_ever_turns_on_the_user_or_the_operator",
  },
  {
    name: "one tenant's refusal is not the operator's fault",
    file: "providers/microsoft.rs",
    find: "aadsts 700016 => TenantRefuses,",
    replace: "aadsts 700016 => ClientRefused,",
    filter: "every_number_has_its_meaning",
  },
  {
    name: "an administrator's refusal is not the user's",
    file: "providers/google.rs",
    find: '"admin_policy_enforced" => AdministratorRefuses,',
    replace: '"admin_policy_enforced" => ConsentMissing,',
    filter: "every_documented_error_has_its_meaning",
  },
  {
    name: "an unknown error says nothing about a connection",
    file: "providers/errors.rs",
    find: "Self::Unavailable | Self::Unknown => Party::Nobody,",
    replace: "Self::Unavailable => Party::Nobody, Self::Unknown => Party::User,",
    filter: "what_passes_by_itself_says_nothing_about_the_connection",
  },
  {
    name: "a relayed refusal keeps its meaning",
    file: "providers/errors.rs",
    find: '"admin_blocked" => AdministratorRefuses,',
    replace: '"admin_blocked" => ConsentMissing,',
    filter: "a_relayed_refusal_means_the_same",
  },
  {
    name: "the calendar's scope is kept before all others",
    file: "providers/scopes.rs",
    find: "let mut kept = vec![calendar.to_owned()];",
    replace: "let mut kept = vec![granted.split(' ').next()?.to_owned()];",
    filter: "the_calendar_scope_is_kept_wherever_it_stands",
  },
  {
    name: "no more scopes are kept than the database takes",
    file: "providers/scopes.rs",
    find: "if kept.len() < SCOPE_COUNT_LIMIT && longer <= SCOPE_BYTES_LIMIT {",
    replace: "if kept.len() <= SCOPE_COUNT_LIMIT && longer <= SCOPE_BYTES_LIMIT {",
    filter: "providers::scopes",
  },
  {
    name: "what must be escaped in an array counts twice",
    file: "providers/scopes.rs",
    find: "text.len() + escaped + 3",
    replace: "text.len() + 3",
    filter: "what_is_kept_fits_into_the_database",
  },
  {
    name: "a refresh without a new refresh token keeps the old one",
    file: "oauth/token/refresh.rs",
    find: "refresh_token: refresh_token.unwrap_or(old),",
    replace: "refresh_token: refresh_token.unwrap_or_else(|| RefreshToken::new(String::new())),",
    filter: "a_refresh_without_a_new_refresh_token_keeps_the_old_one",
  },
  {
    name: "a refresh token that did not change is not taken for another one",
    file: "oauth/token/refresh.rs",
    find: ".is_some_and(|new| new.expose() != old.expose());",
    replace: ".is_some();",
    filter: "a_refresh_without_a_new_refresh_token_keeps_the_old_one",
  },
  {
    name: "the committed contract is current",
    file: "error.rs",
    find: 'NotFound, "not_found", 404,',
    replace: 'NotFound, "not_found", 410,',
    filter: "the_committed_contract_is_the_one_of_this_crate",
  },
  {
    name: "every field of the log is described",
    file: "service/log.rs",
    find: "    pub provider_calls: u32,\n}",
    replace: "    pub provider_calls: u32,\n    pub undescribed: u32,\n}",
    filter: "every_field_of_a_log_line_is_described",
  },
];

export const ofProviders: readonly Mutation[] = faults.map((fault) => ({
  name: `providers: ${fault.name}`,
  edits: [{ file: `src/${fault.file}`, find: fault.find, replace: fault.replace }],
  test: "cargo",
  filter: fault.filter,
}));
