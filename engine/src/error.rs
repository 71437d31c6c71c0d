//! What can go wrong at the engine's border, in sentences a user can act on.

use sceneloop_music::GridError;

/// An error of the engine.
#[derive(Debug, Clone, thiserror::Error)]
pub enum EngineError {
    /// The scene text is not understood.
    #[error("{0}")]
    Scene(String),
    /// What ships with the program is damaged.
    #[error("the shipped assets are damaged: {0}")]
    Assets(String),
    /// A saved state cannot be used.
    #[error("the saved state cannot be used: {0}")]
    State(String),
    /// A loop in a saved state is not valid.
    #[error("the saved state holds a loop that is not valid: {0}")]
    Loop(#[from] GridError),
    /// The renderer cannot work at this sample rate.
    #[error("{0}")]
    Render(String),
    /// No loop could be written.
    #[error("no loop was written: {0}")]
    Compose(String),
    /// A change by hand that cannot be made.
    #[error("{0}")]
    Edit(String),
    /// A role has no such patch.
    #[error("{0}")]
    Patch(String),
    /// A file cannot be written.
    #[error("{0}")]
    Export(String),
    /// The scene has no such event.
    #[error("{0}")]
    Event(#[from] sceneloop_music::EventError),
    /// A SoundFont cannot play a role.
    #[error("{0}")]
    SoundFont(String),
    /// The operating system gave no thread.
    #[error("a worker thread could not be started: {0}")]
    Thread(String),
}
