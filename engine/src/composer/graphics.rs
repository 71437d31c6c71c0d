//! The graphics card. It is tried on a thread of its own, where a driver may hang without anybody waiting for it; it
//! is used once it has written a loop, given back when nobody needs it, and left alone once it failed.

use super::network::Ask;
use super::note::Note;
use super::workbench::Workbench;
use crossbeam_channel::{Receiver, RecvError, bounded, never};
use sceneloop_model::{Choice, DeviceError, Place};
use sceneloop_music::LoopGrid;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

/// What is said where an earlier attempt ended the program.
const LEFT: &str = "The last attempt to use the graphics card never ended, so the network runs on the CPU until the device is set to GPU.";

/// A workbench on the card, or why there is none, where the user wants to know.
pub(super) type Found = Result<Workbench, Option<String>>;

/// What the network's thread knows of the card.
pub(super) struct Graphics {
    choice: Choice,
    note: Arc<Note>,
    bench: Option<Workbench>,
    /// What the attempt under way will say.
    coming: Option<Receiver<Found>>,
    is_trusted: bool,
}

impl Graphics {
    /// The card as the user wants it; it is not touched yet. With a sentence where it will not be, although it might.
    pub fn new(choice: Choice, note: Arc<Note>) -> (Self, Option<String>) {
        let refused = choice == Choice::Auto && note.was_left();
        let is_trusted = choice != Choice::Cpu && !refused;
        let graphics = Self { choice, note, bench: None, coming: None, is_trusted };
        (graphics, refused.then(|| LEFT.to_owned()))
    }

    /// Tries the card, unless it is there, on its way, or not to be tried.
    pub fn seek(&mut self) {
        if self.is_trusted && self.bench.is_none() && self.coming.is_none() {
            self.coming = Some(attempt(self.choice, &self.note, card));
        }
    }

    /// Whether an attempt is under way.
    pub fn is_coming(&self) -> bool {
        self.coming.is_some()
    }

    /// Where [`Self::arrive`]'s news come from.
    pub fn news(&self) -> Receiver<Found> {
        self.coming.clone().unwrap_or_else(never)
    }

    /// Takes over what an attempt found: the card's name, or the sentence that says why it is not used.
    pub fn arrive(&mut self, found: Result<Found, RecvError>) -> Result<String, Option<String>> {
        self.coming = None;
        match found.unwrap_or(Err(None)) {
            Ok(bench) => {
                let name = bench.name();
                self.bench = Some(bench);
                Ok(name)
            }
            Err(sentence) => {
                self.is_trusted = false;
                Err(sentence)
            }
        }
    }

    /// A loop written on the card, if it is there. A card that fails once is not trusted again.
    pub fn write(&mut self, ask: &Ask) -> Option<Result<LoopGrid, String>> {
        let written = self.bench.as_ref()?.write(ask);
        if written.is_err() {
            self.is_trusted = false;
            // What lies on a broken card may fail once more as it goes.
            let _ = catch_unwind(AssertUnwindSafe(|| self.bench = None));
            return Some(Err("The graphics card failed; the network goes on on the CPU.".into()));
        }
        Some(written)
    }

    /// Gives the card back until it is sought again; whether there was one.
    pub fn rest(&mut self) -> bool {
        self.bench.take().is_some()
    }
}

/// A workbench on the card, unless there is no card that would do, or the network cannot be loaded.
pub(super) fn card() -> Result<Result<Workbench, String>, DeviceError> {
    Ok(Workbench::new(Place::gpu(false)?))
}

/// Tries the card, with a note that it is being tried. Where there is none, the user wants to know if the choice fell on it.
pub(super) fn open(
    choice: Choice,
    note: &Note,
    card: impl FnOnce() -> Result<Result<Workbench, String>, DeviceError>,
) -> Found {
    note.write();
    let opened = catch_unwind(AssertUnwindSafe(card));
    // A driver that did not answer is still at it, and may yet end the program.
    if !matches!(opened, Ok(Err(DeviceError::Silent))) {
        note.remove();
    }
    let sentence = |reason: String| format!("The network runs on the CPU: {reason}.");
    let if_asked = |reason: String| (choice == Choice::Gpu).then(|| sentence(reason));
    match opened {
        Ok(Ok(Ok(bench))) => Ok(bench),
        Ok(Ok(Err(reason))) => Err(if_asked(reason)),
        Ok(Err(reason)) => Err(if_asked(reason.to_string())),
        Err(_) => Err(Some(sentence("the graphics driver failed".into()))),
    }
}

/// Tries the card on a thread of its own.
fn attempt(
    choice: Choice,
    note: &Arc<Note>,
    card: impl FnOnce() -> Result<Result<Workbench, String>, DeviceError> + Send + 'static,
) -> Receiver<Found> {
    let (send, coming) = bounded(1);
    let note = note.clone();
    let run = move || {
        // Whoever asked may be gone; then the card is given back at once.
        let _ = send.send(open(choice, &note, card));
    };
    // Without a thread the channel closes, which says that there is no card.
    let _ = std::thread::Builder::new().name("sceneloop graphics".into()).spawn(run);
    coming
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_note_is_there_while_the_card_is_tried() {
        let folder = tempfile::tempdir().unwrap();
        let files = |folder: &std::path::Path| std::fs::read_dir(folder).unwrap().count();
        let note = Arc::new(Note::new(Some(folder.path())));
        for (error, left) in [(DeviceError::None, 0), (DeviceError::Silent, 1)] {
            let (inside, told) = (folder.path().to_owned(), error.to_string());
            let open = move || {
                assert_eq!(files(&inside), 1);
                Err(error)
            };
            let found = attempt(Choice::Gpu, &note, open).recv().unwrap();
            let sentence = found.err().flatten().unwrap();
            assert!(sentence.contains(&told), "{sentence}");
            assert_eq!(files(folder.path()), left);
        }
    }

    #[test]
    fn a_panic_of_the_driver_is_no_crash_and_told() {
        let folder = tempfile::tempdir().unwrap();
        let note = Arc::new(Note::new(Some(folder.path())));
        let found = attempt(Choice::Auto, &note, || panic!("as a driver's binding may")).recv().unwrap();
        assert!(found.err().flatten().unwrap().contains("driver failed"));
        assert!(!note.was_left());
    }

    #[test]
    fn a_card_that_crashed_a_program_is_tried_only_where_it_is_asked_for() {
        let folder = tempfile::tempdir().unwrap();
        crate::composer::note::tests::leave(folder.path());
        for (choice, is_tried) in [(Choice::Auto, false), (Choice::Gpu, true), (Choice::Cpu, false)] {
            let (graphics, sentence) = Graphics::new(choice, Arc::new(Note::new(Some(folder.path()))));
            assert_eq!(graphics.is_trusted, is_tried, "{choice:?}");
            assert_eq!(sentence.is_some(), choice == Choice::Auto);
        }
    }
}
