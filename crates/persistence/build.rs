//! Builds the crate again when a migration changes: `include_dir!` does not tell Cargo what it read.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations");
}
