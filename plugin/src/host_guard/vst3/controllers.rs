//! MIDI controllers as VST3 has them: it knows no such messages, so that a plugin gives the host a parameter for each.
//!
//! nice-plug makes one for each controller, pressure and pitch bend of each channel, 2,080 in all, hidden and behind all others. Lists
//! of parameters, and whatever a host does for each of them, grow by as much. We want to know which controller has moved and on no
//! account on which channel, so that all channels share the parameters of the first, and channel mode messages, pressure and pitch
//! bend have none: 120 are left. Their ids are nice-plug's, which reads them, and lie above all that a name of ours is hashed to.

use crate::state::CONTROLLERS;
use nice_plug::prelude::MidiConfig;
use nice_plug::wrapper::vst3::vst3::Steinberg::Vst::{CtrlNumber, ParameterInfo};
use nice_plug::wrapper::vst3::vst3::Steinberg::{int16, int32};

/// Channels, and parameters of each, as nice-plug has them.
const CHANNELS: int16 = 16;
const OF_A_CHANNEL: int32 = 130;
/// The id of the first one's first.
const FIRST: u32 = (1 << 31) - CHANNELS as u32 * OF_A_CHANNEL as u32;

/// How many parameters a host hears of.
pub fn shown(input: MidiConfig, count: int32) -> int32 {
    if input >= MidiConfig::MidiCCs {
        count - int32::from(CHANNELS) * OF_A_CHANNEL + int32::from(CONTROLLERS.end)
    } else {
        count
    }
}

/// The channel whose parameter a controller moves, if it moves any.
pub fn mapped(channel: int16, controller: CtrlNumber) -> Option<int16> {
    let is_ours = (0..CHANNELS).contains(&channel)
        && u8::try_from(controller).is_ok_and(|controller| CONTROLLERS.contains(&controller));
    is_ours.then_some(0)
}

/// Takes the channel out of a controller's name.
pub fn name(info: &mut ParameterInfo) {
    let Some(number) = info.id.checked_sub(FIRST) else { return };
    for to in [&mut info.title, &mut info.shortTitle] {
        *to = [0; 128];
        for (to, from) in to[..127].iter_mut().zip(format!("MIDI CC {number}").encode_utf16()) {
            *to = from as _;
        }
    }
}
