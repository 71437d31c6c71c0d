//! The soak in short: `cargo xtask soak` is the long one.

use sceneloop_tests::host::plugin_path;
use sceneloop_tests::soak::Storm;

#[test]
fn minutes_of_everything_at_once() {
    let mut storm = Storm::new(&plugin_path().unwrap(), 4).unwrap();
    while storm.seconds() < 60.0 {
        storm.step().unwrap();
    }
    println!("{}", storm.summary());
}
