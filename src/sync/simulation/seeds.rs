//! The seeds that are played.

use super::Scene;
use super::database::Missing;

fn number(variable: &str, default: u64) -> u64 {
    std::env::var(variable).map_or(default, |text| text.parse().unwrap())
}

/// 500 seeds, or as many as SEEDS says.
#[test]
fn whatever_goes_wrong_comes_right_again() {
    let first = number("FIRST_SEED", 0);
    for seed in first..first + number("SEEDS", 500) {
        if let Err((broken, trace)) = Scene::new(seed, None).play() {
            let last = trace.len().saturating_sub(60);
            panic!("seed {seed}: {broken}\n{}", trace[last..].join("\n"));
        }
    }
}

/// What the seed of SEED does, in full.
#[test]
fn one_seed() {
    let seed = number("SEED", 0);
    match Scene::new(seed, None).play() {
        Ok(trace) => println!("{}\nseed {seed}: nothing wrong", trace.join("\n")),
        Err((broken, trace)) => panic!("{}\nseed {seed}: {broken}", trace.join("\n")),
    }
}

#[test]
fn a_seed_does_the_same_again() {
    for seed in 0..5 {
        assert!(
            Scene::new(seed, None).play() == Scene::new(seed, None).play(),
            "seed {seed}"
        );
    }
}

/// The invariants would notice if a rule were missing: each within this many seeds.
#[test]
fn a_missing_rule_is_found() {
    for (missing, within) in [
        (Missing::Fence, 50),
        (Missing::TokenVersion, 200),
        (Missing::SecondStrike, 50),
        (Missing::Healing, 200),
        (Missing::LeaseEnd, 50),
        (Missing::Backoff, 50),
    ] {
        let mut seeds = 0..within;
        let found = seeds.find(|seed| Scene::new(*seed, Some(missing)).play().is_err());
        println!("{missing:?} is found by seed {found:?}");
        assert!(
            found.is_some(),
            "{missing:?} is not found within {within} seeds"
        );
    }
}
