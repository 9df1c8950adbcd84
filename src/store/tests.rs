use super::*;

fn judged(status: u16, body: &str) -> StoreError {
    let answer = OutboundResponse {
        status,
        retry_after: None,
        body: body.to_owned().into(),
    };
    judge(Ok(answer))
        .err()
        .unwrap_or_else(|| panic!("accepted {status} {body}"))
}

/// Bodies as PostgREST's "Errors" reference documents them; the last three are the platform gateway's.
#[test]
fn postgrests_documented_errors_are_told_apart() {
    let with_code = |code: &str| {
        format!(r#"{{"code":"{code}","details":"(secret)","hint":null,"message":"m"}}"#)
    };
    for (status, code, expected) in [
        (401, "PGRST301", StoreError::Unauthorized),
        (401, "PGRST302", StoreError::Unauthorized),
        (401, "PGRST303", StoreError::Unauthorized),
        (500, "PGRST300", StoreError::KeyRefused),
        (404, "PGRST202", StoreError::SchemaMissing),
        (300, "PGRST203", StoreError::SchemaMissing),
        (400, "PGRST204", StoreError::SchemaMissing),
        (404, "PGRST205", StoreError::SchemaMissing),
        (406, "PGRST106", StoreError::SchemaMissing),
        (404, "42P01", StoreError::SchemaMissing),
        (404, "42883", StoreError::SchemaMissing),
        (403, "42501", StoreError::Forbidden),
        (401, "42501", StoreError::Unauthorized),
        (409, "23503", StoreError::AccountGone),
        (409, "23505", StoreError::Rejected),
        (400, "23514", StoreError::Rejected),
        (400, "23502", StoreError::Rejected),
        (400, "22P02", StoreError::Rejected),
        (503, "PGRST000", StoreError::Unavailable),
        (503, "PGRST001", StoreError::Unavailable),
        (503, "PGRST002", StoreError::Unavailable),
        (504, "PGRST003", StoreError::Unavailable),
        (500, "57014", StoreError::Unavailable),
        (500, "40001", StoreError::Unavailable),
    ] {
        assert_eq!(
            judged(status, &with_code(code)),
            expected,
            "{status} {code}"
        );
    }
    assert_eq!(
        judged(401, r#"{"message":"Invalid API key","hint":"…"}"#),
        StoreError::KeyRefused
    );
    assert_eq!(
        judged(401, r#"{"message":"No API key found in request"}"#),
        StoreError::KeyRefused
    );
    assert_eq!(
        judged(502, "<html>bad gateway</html>"),
        StoreError::Unavailable
    );
}

#[test]
fn answers_without_a_body_of_postgrests_still_have_a_meaning() {
    assert_eq!(judged(401, ""), StoreError::Unauthorized);
    assert_eq!(judged(403, "[]"), StoreError::Forbidden);
    assert_eq!(judged(404, "nonsense"), StoreError::SchemaMissing);
    assert_eq!(judged(400, "{}"), StoreError::Rejected);
    assert_eq!(judged(302, ""), StoreError::Malformed);
    assert_eq!(judged(0, ""), StoreError::Malformed);
    let busy = OutboundResponse {
        status: 429,
        retry_after: Some("9".into()),
        body: String::new().into(),
    };
    assert_eq!(
        judge(Ok(busy)).err(),
        Some(StoreError::Busy { retry_after: 9 })
    );
    for error in [
        TransportError::Timeout,
        TransportError::Network,
        TransportError::TooLarge,
    ] {
        assert_eq!(
            judge(Err(error)).err(),
            Some(StoreError::Unreachable(error))
        );
    }
}
