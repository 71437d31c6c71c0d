//! LLVM's RealtimeSanitizer around a piece of code, where its runtime has been loaded before the program
//! (`LD_PRELOAD`): within it, a call of the C library that allocates, locks, waits or asks the system ends the program
//! with a report. Rust's own code reaches all of these through the C library.

use std::ffi::CStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, Result, ensure};

/// The doors of the runtime's real-time context.
#[derive(Clone, Copy)]
struct Doors {
    enter: extern "C" fn(),
    exit: extern "C" fn(),
}

fn doors() -> Option<Doors> {
    static DOORS: OnceLock<Option<Doors>> = OnceLock::new();
    *DOORS.get_or_init(|| {
        let find = |name: &CStr| {
            // SAFETY: a name that ends with a zero, looked for in what is loaded.
            #[allow(unsafe_code)]
            let address = unsafe { libc::dlsym(libc::RTLD_DEFAULT, name.as_ptr()) };
            // SAFETY: the runtime's functions of these names take nothing and return nothing.
            #[allow(unsafe_code)]
            (!address.is_null())
                .then(|| unsafe { std::mem::transmute::<*mut libc::c_void, extern "C" fn()>(address) })
        };
        Some(Doors { enter: find(c"__rtsan_realtime_enter")?, exit: find(c"__rtsan_realtime_exit")? })
    })
}

/// Whether the runtime is there.
pub fn is_loaded() -> bool {
    doors().is_some()
}

/// Runs some code in the runtime's real-time context, if it is loaded.
pub fn checked<T>(code: impl FnOnce() -> T) -> T {
    let Some(Doors { enter, exit }) = doors() else { return code() };
    enter();
    let result = code();
    exit();
    result
}

/// The runtime as a library that can be loaded, made in `folder` from the one in the nightly toolchain; none where there is no such toolchain.
///
/// # Errors
/// No `ar` or `cc`, or they failed.
pub fn library(folder: &Path) -> Result<Option<PathBuf>> {
    let Some(archive) = archive() else { return Ok(None) };
    let (copy, library) = (folder.join("runtime.a"), folder.join("librtsan.so"));
    std::fs::copy(&archive, &copy)?;
    // Starts the runtime in a program; a library has no such section and starts it by itself.
    run(Command::new("ar").arg("d").arg(&copy).arg("rtsan_preinit.cpp.o"))?;
    let mut cc = Command::new("cc");
    cc.args(["-shared", "-Wl,--whole-archive"]).arg(&copy).args([
        "-Wl,--no-whole-archive",
        "-lpthread",
        "-ldl",
        "-lm",
    ]);
    run(cc.arg("-o").arg(&library))?;
    Ok(Some(library))
}

fn archive() -> Option<PathBuf> {
    let output = Command::new("rustc").args(["+nightly", "--print", "target-libdir"]).output().ok()?;
    let folder = PathBuf::from(String::from_utf8(output.stdout).ok()?.trim());
    let path = folder.join("librustc-nightly_rt.rtsan.a");
    (output.status.success() && path.exists()).then_some(path)
}

fn run(command: &mut Command) -> Result<()> {
    let output = command.output().with_context(|| format!("{command:?} did not start"))?;
    ensure!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}
