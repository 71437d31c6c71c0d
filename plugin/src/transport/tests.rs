use super::*;

const RATE: f64 = 48_000.0;
/// Frames of a quarter note at 120 BPM.
const QUARTER: usize = 24_000;

fn host(position: f64) -> Transport {
    let mut host = Transport::new(RATE as f32);
    host.playing = true;
    host.tempo = Some(120.0);
    host.time_sig_numerator = Some(4);
    host.time_sig_denominator = Some(4);
    host.pos_beats = Some(position);
    host.bar_start_pos_beats = Some((position / 4.0).floor() * 4.0);
    host
}

#[test]
fn a_whole_host_is_taken_at_its_word() {
    let mut reader = TransportReader::new(RATE);
    let mut host = host(21.5);
    host.tempo = Some(97.25);
    let read = reader.read(&host, 512, 0, true);
    assert_eq!(read, Playhead::at(21.5, Bpm::new(97.25).unwrap(), Metre::FOUR_FOUR, true));
    host.playing = false;
    assert!(!reader.read(&host, 512, 0, true).playing);
}

#[test]
fn nonsense_leaves_the_last_good_value() {
    let mut reader = TransportReader::new(RATE);
    let mut good = host(0.0);
    (good.tempo, good.time_sig_numerator, good.time_sig_denominator) = (Some(90.0), Some(7), Some(8));
    assert_eq!(reader.read(&good, 0, 0, true).metre.to_string(), "7/8");
    for tempo in [f64::NAN, f64::INFINITY, 0.0, -90.0, 1e12] {
        let mut bad = host(0.0);
        bad.tempo = Some(tempo);
        (bad.time_sig_numerator, bad.time_sig_denominator) = (None, None);
        assert_eq!(reader.read(&bad, 0, 0, true).bpm.get(), 90.0, "{tempo}");
    }
    for (numerator, denominator) in [(0, 4), (4, 0), (-4, 4), (4, 3), (4, 32), (999, 4), (i32::MAX, i32::MIN)]
    {
        let mut bad = host(0.0);
        (bad.time_sig_numerator, bad.time_sig_denominator) = (Some(numerator), Some(denominator));
        let read = reader.read(&bad, 0, 0, true);
        assert_eq!(read.metre.to_string(), "7/8", "{numerator}/{denominator}");
        assert!(read.bar_start <= read.position && read.position - read.bar_start < 3.5);
    }
}

#[test]
fn no_tempo_is_120() {
    let mut reader = TransportReader::new(RATE);
    reader.read(&host(0.0), 0, 0, true);
    let mut bare = host(1.0);
    bare.tempo = None;
    assert_eq!(reader.read(&bare, 64, 0, true).bpm.get(), 120.0);
}

#[test]
fn our_own_clock_goes_on_where_the_position_is_missing_or_mad() {
    for position in [None, Some(f64::NAN), Some(f64::NEG_INFINITY), Some(1e300)] {
        let mut reader = TransportReader::new(RATE);
        reader.read(&host(6.0), QUARTER, 0, true);
        let mut lost = host(0.0);
        (lost.pos_beats, lost.bar_start_pos_beats) = (position, position);
        for quarter in 7..20 {
            let read = reader.read(&lost, QUARTER, 0, true);
            assert!((read.position - f64::from(quarter)).abs() < 1e-9, "{position:?}");
            assert_eq!((read.bar, read.bar_start), (i64::from(quarter) / 4, f64::from(quarter / 4) * 4.0));
        }
    }
}

#[test]
fn samples_and_tempo_make_a_position() {
    let mut bare = Transport::new(RATE as f32);
    (bare.playing, bare.tempo, bare.pos_samples) = (true, Some(120.0), Some(3 * QUARTER as i64));
    assert_eq!(TransportReader::new(RATE).read(&bare, 64, 0, true).position, 3.0);
}

#[test]
fn before_the_song_there_are_bars_too() {
    let mut reader = TransportReader::new(RATE);
    let read = reader.read(&host(-0.5), 64, 0, true);
    assert_eq!((read.bar, read.bar_start), (-1, -4.0));
    let mut bare = host(-4.0);
    bare.bar_start_pos_beats = None;
    let read = reader.read(&bare, 64, 0, true);
    assert_eq!((read.bar, read.bar_start), (-1, -4.0));
}

#[test]
fn bar_lines_stay_where_they_are() {
    // Blocks that begin a frame or some before a bar line, where one might be tempted to round.
    let bpm = 123.456;
    for (rate, frames) in [(22_050.0, 441), (48_000.0, 512), (192_000.0, 64)] {
        let mut reader = TransportReader::new(rate);
        let quarters = frames as f64 * bpm / 60.0 / rate;
        for block in 0..200_000 {
            let mut host = host(f64::from(block) * quarters);
            host.tempo = Some(bpm);
            let read = reader.read(&host, frames, 0, true);
            let bar = (read.position / 4.0 + 1e-9).floor();
            assert!((read.bar_start - 4.0 * bar).abs() < 1e-9, "{} at {}", read.bar_start, read.position);
            assert_eq!(read.bar, bar as i64);
        }
    }
}

#[test]
fn a_host_without_bar_lines_gets_those_of_the_song() {
    let mut reader = TransportReader::new(RATE);
    for given in [None, Some(0.0), Some(f64::NAN), Some(400.0)] {
        let mut bare = host(13.0);
        bare.bar_start_pos_beats = given;
        assert_eq!(reader.read(&bare, 64, 0, true).bar_start, 12.0, "{given:?}");
    }
}

#[test]
fn a_split_block_keeps_the_bar_line_of_a_metre_change() {
    // The song changes to 3/4 at quarter 8; nice-plug then reckons lines from the start in the parts of a split block.
    let mut reader = TransportReader::new(RATE);
    let mut waltz = host(8.0);
    (waltz.time_sig_numerator, waltz.bar_start_pos_beats) = (Some(3), Some(8.0));
    assert_eq!(reader.read(&waltz, QUARTER, 0, true).bar_start, 8.0);
    for (position, reckoned, line) in
        [(9.0, 9.0, 8.0), (10.0, 9.0, 8.0), (11.0, 9.0, 11.0), (12.0, 12.0, 11.0)]
    {
        (waltz.pos_beats, waltz.bar_start_pos_beats) = (Some(position), Some(reckoned));
        assert_eq!(reader.read(&waltz, QUARTER, 0, true).bar_start, line, "{position}");
    }
    (waltz.pos_beats, waltz.bar_start_pos_beats) = (Some(20.0), Some(20.0));
    assert_eq!(reader.read(&waltz, QUARTER, 0, true).bar_start, 20.0, "a jump brings a true line");
}

#[test]
fn a_host_without_a_transport_is_played_to() {
    let mut reader = TransportReader::new(RATE);
    let silent = Transport::new(RATE as f32);
    for quarter in 0..9 {
        let read = reader.read(&silent, QUARTER, 0, true);
        assert!(read.playing);
        assert_eq!((read.position, read.bpm.get()), (f64::from(quarter), 120.0));
    }
    reader.reset();
    assert_eq!(reader.read(&silent, QUARTER, 0, true).position, 0.0);
}

#[test]
fn the_hosts_loop_is_foreseen() {
    let mut reader = TransportReader::new(RATE);
    let mut looping = host(6.0);
    looping.loop_range_beats = Some((4.0, 8.0));
    let read = reader.read(&looping, 3 * QUARTER, 0, true);
    assert_eq!(read.cycle, Cycle::new(4.0, 8.0));
    assert_eq!(read.advanced(3.0).position, 5.0);
    // Behind the end of a block that went back, a host without positions is followed there.
    let mut lost = host(0.0);
    (lost.pos_beats, lost.bar_start_pos_beats) = (None, None);
    let read = reader.read(&lost, QUARTER, 0, true);
    assert_eq!((read.position, read.bar_start, read.bar), (5.0, 4.0, 1));
    for bad in [None, Some((8.0, 4.0)), Some((4.0, 4.1)), Some((f64::NAN, 8.0)), Some((0.0, 1e12))] {
        looping.loop_range_beats = bad;
        assert_eq!(reader.read(&looping, QUARTER, 0, true).cycle, None, "{bad:?}");
    }
}

#[test]
fn a_host_that_plays_past_the_end_of_its_loop_is_believed() {
    let mut reader = TransportReader::new(RATE);
    let told = |position: f64| {
        let mut host = host(position);
        host.loop_range_beats = Some((4.0, 8.0));
        host
    };
    // Parts of one block, of which nice-plug reckons the positions in a straight line.
    for (position, place) in [(7.5, 7.5), (8.0, 4.0), (8.75, 4.75)] {
        let read = reader.read(&told(position), QUARTER / 2, 1, true);
        assert_eq!((read.position, read.bar_start), (place, if place < 8.0 { 4.0 } else { 0.0 }));
        assert!(read.cycle.is_some());
    }
    let read = reader.read(&told(9.0), QUARTER, 2, true);
    assert_eq!((read.position, read.cycle), (9.0, None));
    // Who must not foresee it takes every position as it is.
    let read = reader.read(&told(7.5), QUARTER, 3, false);
    assert_eq!((read.position, read.cycle), (7.5, None));
    assert_eq!(reader.read(&told(8.5), QUARTER, 3, false).position, 8.5);
}
