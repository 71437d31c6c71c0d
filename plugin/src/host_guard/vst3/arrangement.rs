//! What a host asks of our buses.

use super::super::channels;
use nice_plug::prelude::AudioIOLayout;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{SpeakerArr, SpeakerArrangement};
use nice_plug::wrapper::vst3::vst3::Steinberg::int32;

/// The buses that a request leaves empty and those that it wants mono, one bit each, or `None` if the request does
/// not fit: every bus must have our speakers, a stereo output may also be mono, an auxiliary bus empty or missing.
///
/// # Safety
/// `wanted` is null or points to `count` arrangements.
pub unsafe fn fit(
    layout: &AudioIOLayout,
    wanted: *const SpeakerArrangement,
    count: int32,
    output: bool,
) -> Option<[u64; 2]> {
    let ours = channels(layout, output);
    let count = if wanted.is_null() { 0 } else { usize::try_from(count).ok()? };
    let main = if output { layout.main_output_channels } else { layout.main_input_channels };
    if count > ours.len() {
        return None;
    }
    let (mut empty, mut mono) = (0, 0);
    for (bus, &channels) in ours.iter().enumerate() {
        // SAFETY: below `count`.
        let wanted = if bus < count { unsafe { *wanted.add(bus) } } else { SpeakerArr::kEmpty };
        let fits = match channels {
            1 => wanted == SpeakerArr::kMono,
            2 => wanted == SpeakerArr::kStereo,
            count => wanted.count_ones() as usize == count,
        };
        if wanted == SpeakerArr::kEmpty && (bus > 0 || main.is_none()) {
            empty |= 1 << bus;
        } else if output && channels == 2 && wanted == SpeakerArr::kMono {
            mono |= 1 << bus; // folded behind the plugin
        } else if !fits {
            return None;
        }
    }
    Some([empty, mono])
}
