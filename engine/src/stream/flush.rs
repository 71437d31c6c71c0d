//! Denormal numbers, which some processors reckon with a hundred times slower than with others, are zero.

/// Runs some code with denormal numbers flushed to zero, then has the processor as it was. Also where it panics.
pub(crate) fn flushed<T>(code: impl FnOnce() -> T) -> T {
    // SAFETY: the compiler takes it that numbers count as they always do. What it may have reckoned beforehand or moved across these
    // borders are constants and copies; sums of samples depend on memory that only this code touches. Nothing in here, nor in
    // what it calls, asks whether a number is denormal.
    #[allow(unsafe_code)]
    unsafe {
        no_denormals::no_denormals(code)
    }
}
