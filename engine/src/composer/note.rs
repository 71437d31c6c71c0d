//! A note in a file that the graphics card is being tried. A driver that takes the whole program with it leaves the
//! note behind, and the next program knows.
//!
//! Whoever tries holds the file locked. The system ends the lock with the program, so a note that is not locked was
//! left, and one that is locked belongs to somebody who is still at it. Where no file can be written there is no note,
//! and nothing else changes.

use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard};

/// The file's name in the folder for notes.
const NAME: &str = "gpu-attempt";
const TEXT: &[u8] = b"GPU attempt begun\n";

/// Where notes go unless a test says otherwise: a folder of ours among the user's caches.
pub(crate) fn folder() -> Option<PathBuf> {
    use etcetera::BaseStrategy;
    let strategy = etcetera::base_strategy::choose_native_strategy().ok()?;
    Some(strategy.cache_dir().join("sceneloop"))
}

enum State {
    /// Nothing is being tried.
    Idle,
    /// The locked file of the attempt under way.
    Trying(File),
    /// The program ends in order: nothing is noted any more.
    Closed,
}

/// The note of one network. Shared by its thread, the thread that tries the card, and the composer.
pub(super) struct Note {
    path: Option<PathBuf>,
    state: Mutex<State>,
}

impl Note {
    /// A note in a folder, not written yet. Without a folder it never is.
    pub fn new(folder: Option<&Path>) -> Self {
        Self { path: folder.map(|folder| folder.join(NAME)), state: Mutex::new(State::Idle) }
    }

    /// Whether a program ended while it tried the card.
    pub fn was_left(&self) -> bool {
        let file = self.path.as_ref().and_then(|path| File::open(path).ok());
        file.is_some_and(|file| file.try_lock().is_ok())
    }

    /// An attempt begins.
    pub fn write(&self) {
        let mut state = self.state();
        if let (State::Idle, Some(path)) = (&*state, &self.path)
            && let Some(file) = write_locked(path)
        {
            *state = State::Trying(file);
        }
    }

    /// The attempt has ended, well or not, and the program lives.
    pub fn remove(&self) {
        self.end(State::Idle);
    }

    /// Nobody waits for the attempt any more; whatever ends the program now is not its fault.
    pub fn close(&self) {
        self.end(State::Closed);
    }

    fn end(&self, next: State) {
        let mut state = self.state();
        if matches!(*state, State::Closed) {
            return;
        }
        if let (State::Trying(file), Some(path)) = (std::mem::replace(&mut *state, next), &self.path) {
            // Removed while it is locked: a note that is not locked was left.
            let removed = fs::remove_file(path);
            drop(file);
            // Where a file that is open cannot be removed.
            if removed.is_err() {
                let _ = fs::remove_file(path);
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

/// Nothing where the file cannot be written, or where another attempt is under way: its note stands for both.
fn write_locked(path: &Path) -> Option<File> {
    fs::create_dir_all(path.parent()?).ok()?;
    let mut file = File::options().write(true).create(true).truncate(false).open(path).ok()?;
    file.try_lock().ok()?;
    file.set_len(0).ok()?;
    file.write_all(TEXT).ok()?;
    // Drivers have been seen to take the whole system with them.
    file.sync_all().ok()?;
    Some(file)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use std::process::Command;

    /// Leaves a note in a folder, as a program does whose driver ends it.
    pub fn leave(folder: &Path) {
        let crash = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "--ignored", "composer::note::tests::crash"])
            .env("SCENELOOP_TEST_NOTES", folder)
            .output()
            .unwrap();
        assert!(!crash.status.success());
    }

    #[test]
    #[ignore = "ends the program; started by another test"]
    fn crash() {
        let folder = std::env::var_os("SCENELOOP_TEST_NOTES").unwrap();
        Note::new(Some(Path::new(&folder))).write();
        std::process::abort();
    }

    #[test]
    fn a_crash_leaves_the_note_and_an_attempt_that_ends_removes_it() {
        let folder = tempfile::tempdir().unwrap();
        let note = Note::new(Some(folder.path()));
        assert!(!note.was_left());
        leave(folder.path());
        assert!(note.was_left());
        assert_eq!(fs::read(folder.path().join(NAME)).unwrap(), TEXT);
        note.write();
        assert!(!Note::new(Some(folder.path())).was_left(), "somebody is at it");
        note.remove();
        assert!(!folder.path().join(NAME).exists());
    }

    #[test]
    fn after_an_orderly_end_there_is_no_note() {
        let folder = tempfile::tempdir().unwrap();
        let note = Note::new(Some(folder.path()));
        note.write();
        note.close();
        note.write();
        note.remove();
        assert!(!folder.path().join(NAME).exists());
    }

    #[test]
    fn of_two_attempts_the_first_holds_the_note() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (Note::new(Some(folder.path())), Note::new(Some(folder.path())));
        one.write();
        two.write();
        two.remove();
        assert!(folder.path().join(NAME).exists());
        one.remove();
        assert!(!folder.path().join(NAME).exists());
    }

    #[test]
    fn where_nothing_can_be_written_nothing_happens() {
        let file = tempfile::NamedTempFile::new().unwrap();
        for folder in [None, Some(file.path()), Some(Path::new("/proc/no such folder"))] {
            let note = Note::new(folder);
            note.write();
            assert!(!note.was_left());
            note.remove();
        }
    }
}
