//! Prints how loud each shipped patch is with a typical part of its role, and what its `gain_db` should be.
//!
//! `cargo run --release -p sceneloop-render --example levels`

#[path = "../tests/support/mod.rs"]
mod support;

use sceneloop_music::Role;

fn main() {
    let bank = support::bank();
    println!("{:18} {:>8} {:>8} {:>8}", "patch", "LUFS", "wanted", "change");
    for role in Role::ALL {
        for id in bank.ids(role) {
            let found = support::loudness(&bank, id);
            let wanted = support::target_lufs(role);
            println!("{id:18} {found:8.2} {wanted:8.2} {:+8.2}", wanted - found);
        }
    }
}
