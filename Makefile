# Calendar Connect. Two commands matter: `make start` runs it here, `make test` proves it.
# `make help` lists the rest. Everything needed is installed on the way, into .cache/ and node_modules/.
include scripts/pins.mk

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.NOTPARALLEL:
tools := $(CURDIR)/.cache/tools

export PATH := $(tools)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export RUSTUP_TOOLCHAIN := $(shell scripts/toolchain.sh name)
export DENO_DIR := $(CURDIR)/.cache/deno
export DENO_NO_UPDATE_CHECK := 1
export DENO_NO_PROMPT := 1
export LITE_TELEMETRY := 0
export SUPABASE_TELEMETRY_DISABLED := 1

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

# --- the product ---------------------------------------------------------------------------------

.PHONY: start
start: build ## run the product here: database, function, providers, Settings page (ARGS="…")
	@exec deno run -A dev/start.ts $(ARGS)

.PHONY: build
build: toolchain packages wasm-tools ## make pkg/, the Wasm package, if anything it is made of changed
	@scripts/build.sh

.PHONY: dist
dist: build ## make dist/: the npm package that apps install, Wasm included
	@deno run -A scripts/package.ts

.PHONY: types
types: packages ## write supabase/types.ts anew from the migrations
	@deno run -A scripts/types.ts

.PHONY: generate
generate: toolchain packages ## write contract.json anew from the crate, and docs/reference.md from that
	@cargo run --locked --quiet --bin contract >.cache/contract.json && mv .cache/contract.json contract.json
	@deno run -A scripts/generate.ts

.PHONY: screenshots
screenshots: build browsers ## pictures of every state of the panel, into .cache/screenshots (ARGS="…")
	@deno run -A tests/e2e/screenshots.ts $(ARGS)

# --- its proofs ----------------------------------------------------------------------------------

.PHONY: test
test: ## all tests; one suite by SUITE=name, a wrong name lists them
	@node scripts/test.mjs $(SUITE)

.PHONY: audit
audit: toolchain packages cargo-deny ## security advisories (needs the network)
	@scripts/audit.sh

.PHONY: bench
bench: build ## measure it beside what one would write instead (ARGS=--quick for under three minutes)
	@deno run -A bench/run.ts $(ARGS)

.PHONY: scale
scale: packages ## measure the database from a thousand to a million users (ARGS=--quick to 100,000)
	@deno run -A bench/scale.ts $(ARGS)

.PHONY: attack
attack: build trap ## the full security run: ten thousand flows and more (ARGS="…")
	@deno run -A --v8-flags=--expose-gc tests/security/full.ts $(ARGS)

.PHONY: defences
defences: build database ## take each defence out once and see its test fail
	@deno run -A tests/database/mutations.ts
	@deno run -A tests/security/mutations.ts

.PHONY: simulate
simulate: toolchain ## a hundred thousand simulated months of the worker, faults at every await (SEEDS=…, FIRST_SEED=…)
	@SEEDS=$${SEEDS:-100000} cargo test --locked --features sync --lib --profile simulation -- whatever_goes_wrong

.PHONY: mutants
mutants: toolchain packages cargo-mutants ## mutation tests of what guards, by cargo-mutants (a quarter of an hour; ARGS="src/vault.rs" for a part)
	@tests/security/mutants.sh $(ARGS)

.PHONY: fmt
fmt: toolchain packages ## format everything
	@cargo fmt && deno fmt --quiet

# The Wasm with a test-only route that traps, beside pkg/ and never in it.
.PHONY: trap
trap: toolchain packages wasm-tools
	@tests/security/build_trap.sh

# --- what they need ------------------------------------------------------------------------------

.PHONY: toolchain packages wasm-tools geckodriver cargo-deny cargo-mutants browsers database shipping
toolchain:
	@scripts/system.sh toolchain
	@scripts/toolchain.sh install

packages:
	@node scripts/packages.mjs

browsers database shipping:
	@scripts/system.sh $@

wasm-tools: $(tools)/wasm-pack-$(WASM_PACK) $(tools)/wasm-bindgen-cli-$(WASM_BINDGEN) ; @:
geckodriver: $(tools)/geckodriver-$(GECKODRIVER) ; @:
cargo-deny: $(tools)/cargo-deny-$(CARGO_DENY) ; @:
cargo-mutants: $(tools)/cargo-mutants-$(CARGO_MUTANTS) ; @:

$(tools)/wasm-pack-$(WASM_PACK): | toolchain
	@scripts/tool.sh wasm-pack $(WASM_PACK) wasm-pack
$(tools)/wasm-bindgen-cli-$(WASM_BINDGEN): | toolchain
	@scripts/tool.sh wasm-bindgen-cli $(WASM_BINDGEN) wasm-bindgen wasm-bindgen-test-runner
$(tools)/geckodriver-$(GECKODRIVER): | toolchain
	@scripts/tool.sh geckodriver $(GECKODRIVER) geckodriver
$(tools)/cargo-deny-$(CARGO_DENY): | toolchain
	@scripts/tool.sh cargo-deny $(CARGO_DENY) cargo-deny
$(tools)/cargo-mutants-$(CARGO_MUTANTS): | toolchain
	@scripts/tool.sh cargo-mutants $(CARGO_MUTANTS) cargo-mutants

.PHONY: clean
clean: ## remove what was built (tools and packages stay; rm -rf .cache node_modules for those)
	@rm -rf pkg dist target .cache/pkg .cache/pkg.stamp
