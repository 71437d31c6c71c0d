//! Where examples are drawn from: windows of real music and the teacher.

use crate::material::Material;
use crate::teaching;
use crate::windows::Window;
use sceneloop_music::{Dice, LoopGrid, Metre};
use std::collections::HashMap;

/// Metre and number of bars: what all loops of a batch have in common.
pub type Shape = (Metre, u8);

/// Kinds of windows, each with its share of what is drawn: what is rare and rich comes more often than its number.
const SHARES: [(Kind, f32); 5] = [
    (Kind::Tracks, 0.25),
    (Kind::Drums, 0.25),
    (Kind::Song, 0.25),
    (Kind::LeadSheet, 0.15),
    (Kind::Chords, 0.1),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Kind {
    /// Drums or a pad with other roles: game and electronic music.
    Tracks,
    /// Drums alone.
    Drums,
    /// Voice and piano.
    Song,
    /// A tune and its chords.
    LeadSheet,
    /// Chords alone.
    Chords,
}

/// Windows by shape and kind.
#[derive(Debug, Default)]
pub struct Pool {
    windows: Vec<Window>,
    of_shape: HashMap<Shape, HashMap<Kind, Vec<usize>>>,
    at_bar: HashMap<(String, String, u32), usize>,
}

/// A material and the loop before it, if there is one.
pub type Drawn = (Material, Option<LoopGrid>);

impl Pool {
    /// Windows whose metre is one of ours; the others are left out.
    pub fn new(windows: Vec<Window>) -> Self {
        let mut pool = Self::default();
        for window in windows {
            let Some(metre) = window.metre() else { continue };
            let index = pool.windows.len();
            let kinds = pool.of_shape.entry((metre, window.bars)).or_default();
            kinds.entry(kind(&window)).or_default().push(index);
            pool.at_bar.insert((window.source.clone(), window.piece.clone(), window.bar0), index);
            pool.windows.push(window);
        }
        pool
    }

    /// Number of windows.
    pub fn len(&self) -> usize {
        self.windows.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.windows.is_empty()
    }

    /// All windows.
    pub fn windows(&self) -> &[Window] {
        &self.windows
    }

    /// A shape: mostly four bars of common time, now and then any other of the windows' or of the teacher's.
    pub fn shape(&self, dice: &mut Dice) -> Shape {
        const METRES: [&str; 10] = ["3/4", "3/4", "6/8", "6/8", "2/4", "12/8", "5/4", "7/8", "9/8", "2/2"];
        match dice.below(100) {
            0..58 => (Metre::FOUR_FOUR, 4),
            58..70 => (Metre::FOUR_FOUR, [1, 2, 2, 8, 8, 3, 6][dice.below(7)]),
            70..88 if !self.windows.is_empty() => {
                let window = dice.pick(&self.windows);
                (window.metre().unwrap_or_default(), window.bars)
            }
            _ => {
                let metre = dice.pick(&METRES).parse().unwrap_or_default();
                (metre, [4, 4, 4, 2, 1, 8][dice.below(6)])
            }
        }
    }

    /// A loop of a shape with the one before it, half of them real where there are real ones.
    pub fn draw(&self, (metre, bars): Shape, dice: &mut Dice) -> Drawn {
        let real = self.of_shape.get(&(metre, bars)).filter(|_| dice.chance(0.5));
        let window = real.and_then(|kinds| self.pick(kinds, dice));
        if let Some(window) = window
            && let Some(material) = window.material(&mut dice.clone())
        {
            // The same dice again, so that both stand in one key where the window says none.
            let before = self.before(window).and_then(|window| window.material(&mut dice.clone()));
            dice.unit();
            return (material, before.map(|material| material.grid));
        }
        let lesson = teaching::lesson(metre, bars, dice);
        (lesson.now, Some(lesson.before))
    }

    fn pick(&self, kinds: &HashMap<Kind, Vec<usize>>, dice: &mut Dice) -> Option<&Window> {
        let mut there = SHARES.iter().filter_map(|(kind, share)| Some((kinds.get(kind)?, *share)));
        let chosen = dice.weighted(there.clone().map(|(_, share)| share));
        let (indices, _) = there.nth(chosen)?;
        Some(&self.windows[*dice.pick(indices)])
    }

    /// The window that ends where another begins.
    fn before(&self, window: &Window) -> Option<&Window> {
        let bar0 = window.bar0.checked_sub(window.bars.into())?;
        let index = self.at_bar.get(&(window.source.clone(), window.piece.clone(), bar0))?;
        Some(&self.windows[*index])
            .filter(|before| before.metre() == window.metre() && before.bars == window.bars)
    }
}

fn kind(window: &Window) -> Kind {
    let has = |role: &str| window.roles.iter().any(|name| name == role);
    match () {
        () if window.roles.is_empty() => Kind::Chords,
        () if window.roles.iter().all(|role| role == "drums") => Kind::Drums,
        () if has("drums") || has("pad") => Kind::Tracks,
        () if window.roles.iter().all(|role| role == "melody") => Kind::LeadSheet,
        () => Kind::Song,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::Role;

    fn window(bar0: u32, roles: &str, notes: &str) -> Window {
        let text = format!(
            r#"{{"source":"s","piece":"p","bar0":{bar0},"bars":4,"tempo":0,"meter":"4/4","key":"","chords_src":"none",
            "chord_step":[],"chord_label":[],"roles":[{roles}],"notes":[{notes}]}}"#
        );
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_window_follows_the_one_before_it_in_one_key() {
        let pool = Pool::new(vec![
            window(0, r#""melody""#, "[0,4,60,90]"),
            window(4, r#""melody""#, "[0,4,62,90]"),
            window(12, r#""drums""#, "[0,1,36,90]"),
        ]);
        assert_eq!(pool.len(), 3);
        let mut dice = Dice::new(1, "test");
        let mut found = [0; 3];
        for _ in 0..400 {
            let (material, before) = pool.draw((Metre::FOUR_FOUR, 4), &mut dice);
            if material.ranks {
                found[0] += 1;
            } else if let Some(before) = before {
                let pitch = |grid: &LoopGrid| i32::from(grid.clips[Role::Lead].notes[0].pitch);
                assert_eq!((pitch(&material.grid) - pitch(&before)).rem_euclid(12), 2);
                found[1] += 1;
            } else {
                found[2] += 1;
            }
        }
        assert!(found.iter().all(|count| *count > 20), "{found:?}");
    }

    #[test]
    fn shapes_are_all_valid_and_mostly_common() {
        let mut dice = Dice::new(1, "test");
        let shapes: Vec<Shape> = (0..500).map(|_| Pool::default().shape(&mut dice)).collect();
        assert!(shapes.iter().all(|(_, bars)| (1..=8).contains(bars)));
        let common = shapes.iter().filter(|shape| **shape == (Metre::FOUR_FOUR, 4)).count();
        assert!((200..400).contains(&common));
    }
}
