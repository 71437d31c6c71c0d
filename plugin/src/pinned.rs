//! Keeps the library in the process once an instance was made: the network's threads and the graphics driver's outlive
//! the last one, and would run on in code that is gone.
//!
//! On Linux the linker says so (`build.rs`). On Windows the system is asked; that code was never run. On macOS nothing is
//! done yet.

/// Asks the system to keep the library loaded until the program ends.
#[cfg(windows)]
#[expect(unsafe_code)]
pub fn keep() {
    use std::ffi::c_void;
    use std::ptr::null_mut;

    #[link(name = "kernel32")]
    unsafe extern "system" {
        fn GetModuleHandleExW(flags: u32, name: *const c_void, module: *mut *mut c_void) -> i32;
    }
    /// `GET_MODULE_HANDLE_EX_FLAG_PIN`, and `…_FROM_ADDRESS`: the name is an address within the library.
    const PIN_BY_ADDRESS: u32 = 0x1 | 0x4;
    let mut module = null_mut();
    // SAFETY: the address is that of a function of this library, and the system writes one pointer to `module`.
    unsafe { GetModuleHandleExW(PIN_BY_ADDRESS, keep as fn() as *const c_void, &mut module) };
}

/// Nothing to do: the file itself says so.
#[cfg(not(windows))]
pub fn keep() {}
