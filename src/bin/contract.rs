//! Prints the contract as JSON: what documents, clients and tools must know of this crate.

fn main() {
    #[cfg(not(target_arch = "wasm32"))]
    print!("{}", calendar_connect::contract::json());
}
