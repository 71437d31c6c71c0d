//! What can go wrong, each as one sentence for the person who wrote the patch or asked for the rate.

use sceneloop_music::Role;

/// Why a patch file was refused.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum PatchError {
    /// The file is not TOML or holds no list of patches.
    #[error("patch file \"{file}\" cannot be read: {reason}")]
    File {
        /// Name of the file.
        file: String,
        /// What the parser said, in one line.
        reason: String,
    },
    /// A field is unknown, missing, or of the wrong kind.
    #[error("patch \"{patch}\" in \"{file}\": field `{field}` is wrong: {reason}")]
    Field {
        /// Name of the file.
        file: String,
        /// Id of the patch, or its place in the file.
        patch: String,
        /// Path of the field within the patch.
        field: String,
        /// What the parser said, in one line.
        reason: String,
    },
    /// A number is out of range.
    #[error(
        "patch \"{patch}\" in \"{file}\": field `{field}` is {value}, but must lie between {min} and {max}"
    )]
    Range {
        /// Name of the file.
        file: String,
        /// Id of the patch.
        patch: String,
        /// Path of the field within the patch.
        field: String,
        /// What stands there.
        value: f64,
        /// Least value allowed.
        min: f64,
        /// Greatest value allowed.
        max: f64,
    },
    /// Two patches have one id.
    #[error("patch \"{patch}\" in \"{file}\" has the id of another patch; ids must differ")]
    Twice {
        /// Name of the file.
        file: String,
        /// The id.
        patch: String,
    },
}

/// Why a renderer or master could not be made.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RenderError {
    /// The sample rate is outside what the kernels are built for.
    #[error("a sample rate lies between 22050 and 192000 Hz; {0} does not")]
    SampleRate(f64),
    /// A patch was given to a role that it does not play.
    #[error("patch \"{patch}\" plays {found}, so it cannot play {wanted}")]
    Role {
        /// Id of the patch.
        patch: String,
        /// The role it was given to.
        wanted: Role,
        /// The role it plays.
        found: Role,
    },
}

/// Checks a sample rate once, at construction.
pub(crate) fn checked_rate(sample_rate: f64) -> Result<f32, RenderError> {
    if (22_050.0..=192_000.0).contains(&sample_rate) {
        Ok(sample_rate as f32)
    } else {
        Err(RenderError::SampleRate(sample_rate))
    }
}
