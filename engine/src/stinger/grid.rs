//! Grid points ahead of a playhead, counted round the host's cycle. Nothing here allocates.

use sceneloop_music::{Metre, Playhead, Quantise, STEPS_PER_QUARTER};

/// What rounding may take from a number of frames.
const ROUNDING: f64 = 1e-6;

/// The frame nearest to a distance in quarter notes, the later one of two: as notes are placed.
pub(crate) fn frames(quarters: f64, quarters_per_frame: f64) -> u64 {
    (quarters / quarters_per_frame + 0.5 + ROUNDING).floor().max(0.0) as u64
}

/// The felt beats of a bar, quarter notes from its start: those of [`Metre::beats`], without a list.
pub(crate) fn beats(metre: Metre) -> impl Iterator<Item = f64> {
    let (n, unit) = (u32::from(metre.numerator()), 16 / u32::from(metre.denominator()));
    let (count, length) = match n {
        _ if unit >= 4 => (n, unit),
        _ if n.is_multiple_of(3) => (n / 3, 3 * unit),
        _ => ((n / 2).max(1), 2 * unit),
    };
    (0..count).map(move |beat| f64::from(beat * length) / f64::from(STEPS_PER_QUARTER))
}

/// Quarter notes to the next point of a grid; 0 where one is less than half a frame away.
pub(crate) fn to_next(playhead: &Playhead, grid: Quantise, quarters_per_frame: f64) -> f64 {
    let straight = on_line(playhead, grid, quarters_per_frame);
    match playhead.cycle {
        // Where the host goes back, what counts is the grid of where it goes.
        Some(cycle)
            if playhead.position < cycle.to()
                && playhead.position + straight >= cycle.to() - 0.5 * quarters_per_frame =>
        {
            let rest = cycle.to() - playhead.position;
            rest + on_line(&playhead.advanced(rest), grid, quarters_per_frame)
        }
        _ => straight,
    }
}

/// Quarter notes to the next bar line that is not here already.
pub(crate) fn to_next_bar(playhead: &Playhead, quarters_per_frame: f64) -> f64 {
    let here = to_next(playhead, Quantise::Bar, quarters_per_frame);
    if frames(here, quarters_per_frame) > 0 {
        return here;
    }
    let beyond = 1.25 * quarters_per_frame;
    beyond + to_next(&playhead.advanced(beyond), Quantise::Bar, quarters_per_frame)
}

/// The same as if there were no cycle.
fn on_line(playhead: &Playhead, grid: Quantise, quarters_per_frame: f64) -> f64 {
    let bar = playhead.metre.quarters_per_bar();
    let slack = 0.5 * quarters_per_frame;
    // The first point that is not behind by half a frame.
    let next = |length: f64, at: f64| (((at - slack) / length).ceil() * length - at).max(0.0);
    let into_bar = (playhead.position - playhead.bar_start).rem_euclid(bar);
    match grid {
        Quantise::Now => 0.0,
        Quantise::Sixteenth => {
            next(1.0 / f64::from(STEPS_PER_QUARTER), into_bar).min((bar - into_bar).max(0.0))
        }
        Quantise::Bar => next(bar, into_bar),
        Quantise::Beat => {
            let beat = beats(playhead.metre).find(|beat| *beat >= into_bar - slack).unwrap_or(bar);
            (beat - into_bar).max(0.0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sceneloop_music::{Bpm, Cycle};

    const RATE: f64 = 48_000.0;

    fn at(position: f64, metre: &str) -> Playhead {
        Playhead::at(position, Bpm::default(), metre.parse().unwrap(), true)
    }

    fn frame() -> f64 {
        Bpm::default().quarters_per_frame(RATE)
    }

    #[test]
    fn beats_are_those_of_every_metre() {
        for numerator in 1..=32 {
            for denominator in [1, 2, 4, 8, 16] {
                let Ok(metre) = Metre::new(numerator, denominator) else { continue };
                let mut expected = vec![0.0];
                for length in metre.beats() {
                    expected.push(expected[expected.len() - 1] + f64::from(length) / 4.0);
                }
                assert_eq!(expected.pop(), Some(metre.quarters_per_bar()));
                assert_eq!(beats(metre).collect::<Vec<_>>(), expected, "{metre}");
            }
        }
    }

    #[test]
    fn the_next_point_is_ahead_or_here() {
        let to = |position, metre, grid| (to_next(&at(position, metre), grid, frame()) * 1e6).round() / 1e6;
        assert_eq!(to(5.3, "4/4", Quantise::Now), 0.0);
        assert_eq!(to(5.3, "4/4", Quantise::Sixteenth), 0.2);
        assert_eq!(to(5.3, "4/4", Quantise::Beat), 0.7);
        assert_eq!(to(5.3, "4/4", Quantise::Bar), 2.7);
        assert_eq!(to(8.0, "4/4", Quantise::Bar), 0.0);
        assert_eq!(to(-0.1, "4/4", Quantise::Bar), 0.1);
        assert_eq!(to(2.1, "7/8", Quantise::Beat), 1.4); // 2 + 2 + 3: the last beat is longer
        assert_eq!(to(2.1, "6/8", Quantise::Beat), 0.9);
        // A hair before or behind it, it is here.
        assert_eq!(to(8.0 + 0.4 * frame(), "4/4", Quantise::Beat), 0.0);
        assert!(to_next(&at(8.0 - 0.4 * frame(), "4/4"), Quantise::Beat, frame()) < frame());
    }

    #[test]
    fn bar_lines_are_counted_round_a_cycle() {
        let in_cycle = |position, from, to| Playhead { cycle: Cycle::new(from, to), ..at(position, "4/4") };
        let to = |playhead: &Playhead, grid| to_next(playhead, grid, frame());
        assert_eq!(to(&in_cycle(7.5, 4.0, 8.0), Quantise::Bar), 0.5);
        // From the middle of a bar back to the middle of another: the line is that of where it goes.
        assert!((to(&in_cycle(6.5, 1.0, 7.0), Quantise::Bar) - 3.5).abs() < 1e-9);
        assert_eq!(to(&in_cycle(9.5, 4.0, 8.0), Quantise::Bar), 2.5, "behind the end there is none");
    }

    #[test]
    fn the_next_bar_line_is_never_this_one() {
        let bar = frames(4.0, frame());
        for off in [-0.4, -0.1, 0.0, 0.1, 0.4] {
            let playhead = at(8.0 + off * frame(), "4/4");
            let found = frames(to_next_bar(&playhead, frame()), frame());
            assert!(found.abs_diff(bar) <= 1, "{off}: {found}");
        }
        assert_eq!(frames(to_next_bar(&at(11.0, "4/4"), frame()), frame()), bar / 4);
    }
}
