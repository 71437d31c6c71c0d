//! The MIDI controller that rides the energy: which one it is, whether one is being learned, and the energy that it has led to.
//!
//! Any channel will do: a keyboard sends on whichever it is set to, and nobody wants to learn again for that. So the number of
//! the controller is kept and no channel.
//!
//! Threads: the window begins, cancels and forgets; the audio thread learns; the host's main thread saves and loads. All of it
//! is in atomics, so that nobody waits.

use nice_plug::params::persist::PersistentField;
use sceneloop_music::Energy;
use serde_json::Value;
use std::sync::atomic::{AtomicBool, AtomicU16, AtomicU32, Ordering::Relaxed};

/// The controllers that can be learned. Those from 120 on are channel mode messages: sound off, local control, omni.
pub const CONTROLLERS: std::ops::Range<u8> = 0..120;

/// No controller.
const NONE: u16 = 0xff;
/// The bit that says that one is being learned.
const LEARNS: u16 = 0x100;
/// What stands in [`EnergyController::ridden`] where the parameter holds: no number.
const NOT_RIDDEN: u32 = u32::MAX;

/// The controller of one instance.
pub struct EnergyController {
    /// The number in the lower half, or [`NONE`]; above it [`LEARNS`]. In one, so that what is learned and what is cancelled
    /// at the same moment is one or the other. Written by the window, a load and, while one is learned, the audio thread;
    /// read by all, and by a save.
    choice: AtomicU16,
    /// The energy that the controller has led to, bits of an `f32`. Written by the audio thread after each block, and emptied
    /// by the window, whose hand the audio thread may not see for a while; read by the window.
    ridden: AtomicU32,
    /// Whether the hand wants the parameter's value though that does not change. Set by the window, taken by the audio thread.
    let_go: AtomicBool,
}

impl Default for EnergyController {
    fn default() -> Self {
        let (choice, ridden) = (AtomicU16::new(NONE), AtomicU32::new(NOT_RIDDEN));
        Self { choice, ridden, let_go: AtomicBool::new(false) }
    }
}

impl EnergyController {
    /// The controller that rides the energy.
    pub fn learned(&self) -> Option<u8> {
        number(self.choice.load(Relaxed))
    }

    /// Whether the next controller that moves is to be the one.
    pub fn is_learning(&self) -> bool {
        self.choice.load(Relaxed) & LEARNS != 0
    }

    /// The next controller that moves is to be the one. The one there was rides on until then.
    pub fn begin_learning(&self) {
        self.choice.fetch_or(LEARNS, Relaxed);
    }

    /// None is to be learned after all.
    pub fn cancel(&self) {
        self.choice.fetch_and(!LEARNS, Relaxed);
    }

    /// No controller rides the energy any longer.
    pub fn forget(&self) {
        self.choose(None);
    }

    fn choose(&self, controller: Option<u8>) {
        let controller = controller.filter(|controller| CONTROLLERS.contains(controller));
        self.choice.store(controller.map_or(NONE, u16::from), Relaxed);
    }

    /// A controller has moved: whether it has just been learned. For the audio thread.
    pub fn learn(&self, controller: u8) -> bool {
        let choice = self.choice.load(Relaxed);
        let learns = choice & LEARNS != 0 && CONTROLLERS.contains(&controller);
        // Where the window was first, it is not learned.
        learns && self.choice.compare_exchange(choice, controller.into(), Relaxed, Relaxed).is_ok()
    }

    /// The energy that the controller has led to; `None` while the parameter's own holds.
    pub fn ridden(&self) -> Option<Energy> {
        let bits = self.ridden.load(Relaxed);
        (bits != NOT_RIDDEN).then(|| Energy::new(f32::from_bits(bits)))
    }

    /// Says what [`Self::ridden`] is from now on. For the audio thread.
    pub fn say(&self, ridden: Option<Energy>) {
        self.ridden.store(ridden.map_or(NOT_RIDDEN, |energy| energy.get().to_bits()), Relaxed);
    }

    /// The hand wants the value that the parameter has already.
    pub fn let_go(&self) {
        self.ridden.store(NOT_RIDDEN, Relaxed);
        self.let_go.store(true, Relaxed);
    }

    /// Whether the hand wanted so since the last call. For the audio thread.
    pub fn was_let_go(&self) -> bool {
        // Nearly always not: a swap is dearer than a look.
        self.let_go.load(Relaxed) && self.let_go.swap(false, Relaxed)
    }
}

fn number(choice: u16) -> Option<u8> {
    let number = (choice & 0xff) as u8;
    CONTROLLERS.contains(&number).then_some(number)
}

/// A number, or null for none. Any JSON is taken: what cannot be a controller is none.
impl PersistentField<'_, Value> for EnergyController {
    fn set(&self, saved: Value) {
        self.choose(saved.as_u64().and_then(|number| u8::try_from(number).ok()));
    }

    fn map<F, R>(&self, read: F) -> R
    where
        F: Fn(&Value) -> R,
    {
        read(&self.learned().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_that_moves_is_learned_and_no_other() {
        let controller = EnergyController::default();
        assert!(!controller.learn(74) && controller.learned().is_none(), "nobody asked");
        controller.begin_learning();
        assert!((120..=127).all(|mode| !controller.learn(mode)) && controller.is_learning());
        assert!(controller.learn(74) && !controller.is_learning());
        assert!(!controller.learn(11));
        assert_eq!(controller.learned(), Some(74));
        controller.begin_learning();
        assert_eq!(controller.learned(), Some(74), "it rides on until there is another");
        controller.cancel();
        assert!(!controller.learn(11));
        assert_eq!(controller.learned(), Some(74));
        controller.begin_learning();
        assert!(controller.learn(0));
        assert_eq!(controller.learned(), Some(0));
        controller.begin_learning();
        controller.forget();
        assert!(controller.learned().is_none() && !controller.is_learning());
    }

    #[test]
    fn what_is_no_controller_is_none() {
        let controller = EnergyController::default();
        for (json, wanted) in [("74", Some(74)), ("0", Some(0)), ("119", Some(119)), ("null", None)] {
            controller.set(serde_json::from_str(json).unwrap());
            assert_eq!(controller.learned(), wanted, "{json}");
            assert_eq!(controller.map(Value::to_string), json);
        }
        for json in ["120", "127", "255", "256", "-1", "7.5", "1e30", "\"74\"", "[74]", "{}", "true"] {
            controller.set(74.into());
            controller.begin_learning();
            controller.set(serde_json::from_str(json).unwrap());
            assert!(controller.learned().is_none() && !controller.is_learning(), "{json}");
        }
    }

    #[test]
    fn the_window_hears_what_is_ridden_and_can_let_go() {
        let controller = EnergyController::default();
        assert_eq!(controller.ridden(), None);
        for energy in [0.0, 50.4, 100.0] {
            controller.say(Some(Energy::new(energy)));
            assert_eq!(controller.ridden(), Some(Energy::new(energy)));
        }
        assert!(!controller.was_let_go());
        controller.let_go();
        assert_eq!(controller.ridden(), None);
        assert!(controller.was_let_go() && !controller.was_let_go());
    }
}
