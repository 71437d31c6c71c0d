//! Which degrees follow one another: a progression of the style, or phrases of its plan and the way home.

use super::super::progressions::{homeward, phrases};
use super::super::style::Plan;
use super::{Wish, degree_root};
use sceneloop_music::{Dice, Mode};

/// The degrees of as many chords as there are places: phrases of four, an answer after them, and the way home.
pub fn degrees(count: usize, mode: Mode, wish: Wish, dice: &mut Dice) -> Vec<u8> {
    let plan = wish.plan;
    let own: Vec<&'static str> = wish
        .own
        .iter()
        .filter(|(shade, degrees)| shade.has(mode) && stands(mode, plan, degrees))
        .map(|(_, degrees)| *degrees)
        .collect();
    if !own.is_empty() && count >= 2 && dice.chance(0.8) {
        return of_the_style(count, mode, plan, &own, dice);
    }
    let choice = phrases(plan, mode);
    let digits = |text: &str| text.bytes().map(|digit| digit - b'0').collect::<Vec<u8>>();
    let first = digits(dice.pick::<&str>(choice));
    // A long loop answers its first phrase with another more often than not.
    let second = if dice.chance(0.3) { first.clone() } else { digits(dice.pick::<&str>(choice)) };
    let home = homeward(plan, mode);
    let mut order: Vec<u8> = match count {
        0 | 1 => vec![first[0]],
        2 => vec![first[0], if dice.chance(0.4) { *dice.pick(home) } else { *dice.pick(&first[1..]) }],
        3 => vec![first[0], first[1], first[3]],
        _ => {
            let mut order: Vec<u8> = (0..count)
                .map(|index| if (index / 4) % 2 == 0 { first[index % 4] } else { second[index % 4] })
                .collect();
            // The question ends open, away from home.
            if count >= 8 && order[3] == 1 && plan != Plan::Drone {
                order[3] = *dice.pick(home);
            }
            order
        }
    };
    // A loop that began away from the tonic must not end where it began.
    let away: Vec<u8> =
        home.iter().copied().filter(|degree| plan == Plan::Drone || *degree != order[0]).collect();
    if let Some(last) = order.last_mut().filter(|_| count > 1 && !away.is_empty())
        && !away.contains(last)
    {
        *last = *dice.pick(&away);
    }
    order
}

/// Whether a progression stands in a mode: no chord of it is diminished, but for the second and seventh degree where
/// cadences are at home. Modes of other than seven notes have chords of their own for every degree.
fn stands(mode: Mode, plan: Plan, degrees: &str) -> bool {
    let cadences = matches!(plan, Plan::Cadence | Plan::Jazz);
    mode.harmony().len() != 7
        || degrees.bytes().filter(u8::is_ascii_digit).all(|digit| {
            let degree = digit - b'0';
            let fifth = (degree_root(mode, degree) + 7) % 12;
            mode.harmony().contains(&fifth) || (cadences && matches!(degree, 2 | 7))
        })
}

/// The degrees of a progression that the style has of its own. Two chords are its first and the first that differs;
/// more are its beginning, or all of it and an answer.
fn of_the_style(count: usize, mode: Mode, plan: Plan, own: &[&'static str], dice: &mut Dice) -> Vec<u8> {
    let mut read = || {
        let mut last = 1;
        let degrees: Vec<u8> = dice
            .pick(own)
            .bytes()
            .map(|digit| {
                last = if digit == b'.' { last } else { digit - b'0' };
                last
            })
            .collect();
        degrees
    };
    let (first, other) = (read(), read());
    let mut order: Vec<u8> = match (count, first.len()) {
        (2, _) => {
            let second = first.iter().copied().find(|degree| *degree != first[0]).unwrap_or(first[0]);
            vec![first[0], second]
        }
        // A long progression in a short loop keeps its outline.
        (..=4, 8) => first.iter().copied().step_by(2).take(count).collect(),
        (3, _) => vec![first[0], first[1], first[3]],
        _ => {
            let answer = if first.len() == 8 || dice.chance(0.5) { &first } else { &other };
            let both: Vec<u8> = first.iter().chain(answer).copied().collect();
            both.iter().copied().cycle().take(count).collect()
        }
    };
    // Songs leave their last chord for home; what circles may stay.
    let circles = matches!(plan, Plan::Drone | Plan::Vamp | Plan::Dark);
    let away: Vec<u8> = homeward(plan, mode).iter().copied().filter(|degree| *degree != order[0]).collect();
    let start = degree_root(mode, order[0]);
    if let Some(last) = order.last_mut().filter(|last| !circles && degree_root(mode, **last) == start)
        && !away.is_empty()
    {
        *last = *dice.pick(&away);
    }
    order
}

#[cfg(test)]
mod tests {
    use super::super::super::frame::Frame;
    use super::super::super::style::Shade;
    use super::super::harmonise;
    use super::*;
    use sceneloop_music::Metre;

    #[test]
    fn progressions_of_the_style_are_used_where_they_stand() {
        let own: &'static [(Shade, &'static str)] =
            &[(Shade::Bright, "1.3."), (Shade::Dark, "1625"), (Shade::Any, "1.45....")];
        let frame = Frame::new(Metre::FOUR_FOUR, 8);
        let wish = Wish { plan: Plan::Song, own, per_bar: 1.0, colour: 0.3 };
        assert!(stands(Mode::Ionian, Plan::Song, "1.3.") && !stands(Mode::Mixolydian, Plan::Song, "1.3."));
        assert!(stands(Mode::Aeolian, Plan::Jazz, "1425") && !stands(Mode::Aeolian, Plan::Song, "1425"));
        let mut used = 0;
        for seed in 0..40 {
            let spans = harmonise(&frame, Mode::Mixolydian, wish, None, &mut Dice::new(seed, "harmony"));
            let told: Vec<(u16, u8)> = spans.iter().map(|span| (span.step, span.chord.root)).collect();
            used += usize::from(told == [(0, 0), (32, 5), (48, 7)]);
        }
        assert!((24..40).contains(&used), "{used}");
    }
}
