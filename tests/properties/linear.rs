//! Work grows with the input and not with its square: no parser allocates more than a few times what it is given, and the
//! worst inputs at the largest sizes are judged thousands of times over.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use calendar_connect::http::OutboundResponse;
use calendar_connect::oauth::callback::Callback;
use calendar_connect::oauth::token::judge;
use calendar_connect::providers::Provider;
use calendar_connect::session::Session;

struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is handed to the system's allocator as it came.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let _ = ALLOCATED.try_with(|sum| sum.set(sum.get() + layout.size()));
        // SAFETY: the caller's promise.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Bytes allocated meanwhile, by this thread.
fn allocated(work: impl FnOnce()) -> usize {
    let before = ALLOCATED.get();
    work();
    ALLOCATED.get() - before
}

/// A parser, the largest input it gets, and the pieces of its worst inputs.
type Parser = (&'static str, fn(&str), usize, &'static [&'static str]);

const PARSERS: &[Parser] = &[
    (
        "callback query",
        |text| drop(Callback::from_query(text)),
        8 * 1024,
        &["&", "=", "%", "%41", "a=b&", "state=", "+"],
    ),
    (
        "callback body",
        |text| drop(Callback::from_json(text)),
        32 * 1024,
        &["[", "{\"a\":", "\"", "\\u0061", "\"a\":1,", " "],
    ),
    (
        "cookie",
        |text| drop(Session::from_cookies(text, "n", 0)),
        64 * 1024,
        &[";", "=", "n=;", "n.0=a;", "n.1=", "n"],
    ),
    (
        "header",
        |text| drop(Session::from_header(text)),
        64 * 1024,
        &["Bearer ", ".", "e30.", "A", " "],
    ),
    (
        "token answer",
        |text| {
            let answer = OutboundResponse {
                status: 200,
                retry_after: None,
                body: text.to_owned().into(),
            };
            drop(judge(Provider::Outlook, Ok(answer)));
        },
        64 * 1024,
        &["[", "{\"a\":", "\"", "{\"a\":1},", "[0,", "\\"],
    ),
];

#[test]
fn no_parser_allocates_more_than_a_few_times_its_input() {
    for (name, parse, limit, pieces) in PARSERS {
        for piece in *pieces {
            for prefix in ["", "{\"access_token\":", "[", "\""] {
                let text = prefix.to_owned() + &piece.repeat(limit / piece.len());
                let used = allocated(|| parse(&text));
                assert!(
                    used <= 64 * text.len() + 4096,
                    "{name} of {piece:?}: {used} bytes for {}",
                    text.len()
                );
            }
        }
    }
}

/// Were one of them quadratic, this alone would take the better part of an hour.
#[test]
fn the_worst_inputs_at_the_largest_sizes_are_judged_over_and_over() {
    for (_, parse, limit, pieces) in PARSERS {
        for piece in *pieces {
            let text = piece.repeat(limit / piece.len());
            for _ in 0..20 {
                parse(&text);
            }
        }
    }
}

/// A thousand names each, the most that an object may have, so that the search for doubled ones is at its longest.
#[test]
fn many_objects_with_many_members_are_judged() {
    let members: Vec<String> = (0..1000).map(|at| format!("\"{at}\":0")).collect();
    let object = format!("{{{}}}", members.join(","));
    let text = format!("{{\"a\":[{}]}}", [object.as_str(); 8].join(","));
    assert!(text.len() > 60_000 && text.len() < 70_000, "{}", text.len());
    for _ in 0..10 {
        let answer = OutboundResponse {
            status: 200,
            retry_after: None,
            body: text.clone().into(),
        };
        assert!(judge(Provider::Google, Ok(answer)).is_err());
    }
}
