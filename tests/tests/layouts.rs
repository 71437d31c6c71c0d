//! Rates, sizes of blocks and layouts of outputs, in CLAP and VST3.

use sceneloop_tests::host::{Class, Mode, Outputs, Recording};
use sceneloop_tests::listen;
use sceneloop_tests::take::{Take, play_moved};
use sceneloop_tests::vst3_host::Speakers::{self, Mono, None as Absent, Stereo};

const BLOCK: usize = 512;

fn take() -> Take {
    Take::straight(140.0).set("Humanise", 0.5).set("Energy", 1.0)
}

/// What a VST3 host hears that asks for these speakers.
fn arranged(speakers: &[Speakers], frames: usize) -> Recording {
    let mut host = take().vst3().unwrap();
    assert!(host.arrange(speakers).unwrap(), "{speakers:?} were refused");
    host.set_up(take().rate, BLOCK, Mode::Offline).unwrap();
    host.start().unwrap();
    play_moved(&mut host, frames, &[BLOCK], &[], &mut take().transport).unwrap()
}

/// Half the sum of an output's two channels.
fn half_sum(recording: &Recording, output: usize) -> Vec<f32> {
    let [left, right] = recording.stereo(output);
    left.iter().zip(right).map(|(left, right)| 0.5 * (left + right)).collect()
}

#[test]
fn mono_outputs_are_half_the_sum_of_the_stereo_ones() {
    let frames = take().frames(16.0);
    let stereo = take().record(16.0).unwrap();
    let [left, right] = stereo.stereo(0);
    assert!(listen::rms([left, right]) > 0.01 && listen::difference(left, right).is_some());
    let clap = Take { outputs: Outputs::Mono, ..take() }.record(16.0).unwrap();
    for (format, mono) in [("CLAP", clap), ("VST3", arranged(&[Mono; 8], frames))] {
        assert_eq!(mono.audio.len(), 8, "{format}");
        for (output, channels) in mono.audio.iter().enumerate() {
            let [channel] = &channels[..] else { panic!("{format}: {} channels", channels.len()) };
            let wanted = half_sum(&stereo, output);
            assert_eq!(listen::difference(channel, &wanted), None, "{format}, output {output}");
        }
        assert_eq!(mono.notes, stereo.notes, "{format}");
    }
}

#[test]
fn the_mono_class_of_a_simple_host_is_the_same_mix() {
    let stereo = take().record(4.0).unwrap();
    let take = Take { class: Class::Stereo, outputs: Outputs::Mono, ..take() };
    let mono = take.record(4.0).unwrap();
    assert_eq!(mono.audio.len(), 1);
    assert_eq!(listen::difference(&mono.audio[0][0], &half_sum(&stereo, 0)), None);
}

/// Each output on its own: some mono, some left out, and back again at the next activation.
#[test]
fn a_vst3_host_arranges_each_output() {
    let frames = take().frames(8.0);
    let stereo = take().record(8.0).unwrap();
    let speakers = [Stereo, Mono, Stereo, Absent, Mono, Absent, Stereo, Mono];
    let mixed = arranged(&speakers, frames);
    for (output, speakers) in speakers.into_iter().enumerate() {
        match (speakers, &mixed.audio[output][..]) {
            (Absent, []) => {}
            (Mono, [mono]) => {
                assert_eq!(listen::difference(mono, &half_sum(&stereo, output)), None, "{output}")
            }
            (Stereo, [left, right]) => {
                let wanted = stereo.stereo(output);
                assert_eq!(listen::difference(left, wanted[0]), None, "{output}");
                assert_eq!(listen::difference(right, wanted[1]), None, "{output}");
            }
            (speakers, channels) => panic!("output {output}: {} channels for {speakers:?}", channels.len()),
        }
    }

    let mut host = take().vst3().unwrap();
    for (speakers, channels) in [(Mono, 1), (Stereo, 2), (Mono, 1)] {
        assert!(host.arrange(&[speakers; 8]).unwrap());
        assert!(host.ports().iter().all(|port| port.channels == channels));
        host.set_up(take().rate, BLOCK, Mode::Offline).unwrap();
        host.start().unwrap();
        assert!(!host.arrange(&[Stereo; 8]).unwrap(), "not while it plays");
        host.stop();
    }
    assert!(!host.arrange(&[Absent]).unwrap(), "the mix is not optional");
    assert!(host.ports().iter().all(|port| port.channels == 1), "a refusal changed something");
}

/// One instance each, activated again and again, is as good as a new one.
#[test]
fn rates_change_between_activations_and_any_block_will_do() {
    const FRAMES: usize = 40_000;
    let mut clap = take().host().unwrap();
    let mut vst3 = take().vst3().unwrap();
    let rates = [22_050.0, 44_100.0, 48_000.0, 88_200.0, 96_000.0, 176_400.0, 192_000.0, 22_050.0];
    for (rate, block) in rates.into_iter().zip([1, 8_192, 64, 441, 1_024, 3, 8_192, 100]) {
        let take = Take { rate, ..take() };
        let mut fresh = take.host().unwrap();
        let wanted = play_moved(&mut fresh, FRAMES, &[BLOCK], &[], &mut take.transport.clone()).unwrap();
        assert!(listen::rms(wanted.stereo(0)) > 0.01, "silence at {rate} Hz");
        assert!(listen::is_finite(wanted.stereo(0)), "{rate} Hz");

        clap.activate(rate, block as u32, Mode::Offline, Outputs::All).unwrap();
        let heard = play_moved(&mut clap, FRAMES, &[block], &[], &mut take.transport.clone()).unwrap();
        assert_eq!(heard.difference(&wanted), None, "CLAP, {rate} Hz, blocks of {block}");

        vst3.stop();
        vst3.set_up(rate, block, Mode::Offline).unwrap();
        vst3.start().unwrap();
        let heard = play_moved(&mut vst3, FRAMES, &[block], &[], &mut take.transport.clone()).unwrap();
        assert_eq!(heard.difference(&wanted), None, "VST3, {rate} Hz, blocks of {block}");
    }
}

/// VST3 does not allow it; who does it all the same hears the music at the new rate.
#[test]
fn a_rate_that_changes_under_way_is_followed() {
    let take = Take { rate: 96_000.0, ..take() };
    let wanted = take.record(4.0).unwrap();
    let mut host = take.vst3().unwrap();
    host.set_up(44_100.0, BLOCK, Mode::Offline).unwrap();
    host.start().unwrap();
    host.block(BLOCK, &mut take.transport.clone()).unwrap();
    host.take();
    host.set_up(96_000.0, BLOCK, Mode::Offline).unwrap();
    let heard = play_moved(&mut host, take.frames(4.0), &[BLOCK], &[], &mut take.transport.clone()).unwrap();
    assert_eq!(heard.difference(&wanted), None);
}
