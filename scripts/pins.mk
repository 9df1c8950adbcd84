# The exact versions of the tools that are not npm packages. wasm-bindgen must equal the crate's pin.
WASM_PACK := 0.15.1
WASM_BINDGEN := 0.2.130
GECKODRIVER := 0.37.1
CARGO_DENY := 0.20.2
CARGO_MUTANTS := 27.1.0
