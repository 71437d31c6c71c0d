//! Automation in real time and in a bounce: the same notes.

mod paced;

use paced::{BLOCK, Bounce, Host, RATE, SECOND};
use sceneloop_engine::Controls;
use sceneloop_music::{Energy, PerRole};
use std::collections::BTreeSet;

/// Frame, channel and key.
type Start = (u64, u8, u8);

/// The energy moves every so many blocks of 10 ms, the levels with every one.
const MOVES: usize = 3 * SECOND / 4;
const BLOCKS: usize = 12 * SECOND;

fn automated(block: usize, controls: &Controls) -> Controls {
    let energy = [70.0, 25.0, 95.0, 50.0, 100.0, 35.0][block / MOVES % 6];
    let level = (block % 100) as f32 / -20.0;
    Controls { energy: Energy::new(energy), levels_db: PerRole::from_fn(|_| level), ..*controls }
}

fn bounced(scene: &str, controls: &Controls) -> BTreeSet<Start> {
    let mut bounce = Bounce::new(scene, 0.0);
    (0..BLOCKS).for_each(|block| bounce.block(&automated(block, controls)));
    bounce.starts.iter().map(|start| (start.frame, start.channel, start.key)).collect()
}

/// What differs begins within the buffer's length behind a move of the energy: it was ready before. A bounce has it at once.
#[test]
fn real_time_has_the_notes_of_the_bounce_but_where_the_energy_has_just_moved() {
    let mut host = Host::standing("techno");
    host.controls = automated(0, &host.controls);
    host.play(SECOND / 4); // ready for that energy as well
    let (begin, controls) = (host.left.len() as u64, host.controls);
    host.playhead.playing = true;
    for block in 0..BLOCKS {
        host.controls = automated(block, &controls);
        host.play(1);
    }
    assert_eq!(host.engine.health().underruns(), 0);
    let heard = host.starts.iter().filter(|start| start.frame >= begin);
    let live: BTreeSet<Start> = heard.map(|start| (start.frame - begin, start.channel, start.key)).collect();
    let bounced = bounced("techno", &controls);
    let late = (f64::from(controls.ring_ms) / 1e3 * RATE) as u64 + 2 * BLOCK as u64;
    let differs: Vec<_> = live.symmetric_difference(&bounced).collect();
    println!("{} notes live, {} in the bounce, {} differ", live.len(), bounced.len(), differs.len());
    assert!(live.len() > 200 && !differs.is_empty());
    for note in differs {
        let since = note.0 % (MOVES * BLOCK) as u64;
        assert!(since <= late && note.0 > late, "{note:?} differs {since} frames behind a move");
    }
}
