//! Which system calls a piece of code makes, as Linux itself tells: while a thread is watched, the kernel hands every
//! call back as a signal instead of doing it (`PR_SET_SYSCALL_USER_DISPATCH`, Linux 5.11).
//!
//! A lock that somebody holds, a wait, a log line, a file, memory that the allocator has to ask for: all are system calls.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::sync::Once;
use std::sync::atomic::{AtomicI64, Ordering};

use anyhow::{Result, bail};

/// From `linux/prctl.h`: what is asked of the kernel, and the values of the selector.
const SET_SYSCALL_USER_DISPATCH: c_int = 59;
const DISPATCH_ON: usize = 1;
const ALLOW: u8 = 0;
const BLOCK: u8 = 1;

/// The first call that was caught and not taken yet; -1 for none. One thread is watched at a time.
static CAUGHT: AtomicI64 = AtomicI64::new(-1);

thread_local! {
    /// Read by the kernel at every system call of this thread. Without a destructor, so that it lies where it lies.
    static SELECTOR: Cell<u8> = const { Cell::new(ALLOW) };
}

/// Lets the kernel watch the calling thread from now on, where [`caught`] says so.
pub fn begin() -> Result<()> {
    static HANDLER: Once = Once::new();
    HANDLER.call_once(|| {
        // SAFETY: the handler touches a thread-local without destructor and an atomic only.
        #[allow(unsafe_code)]
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            action.sa_sigaction = on_call as extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void) as usize;
            action.sa_flags = libc::SA_SIGINFO;
            libc::sigaction(libc::SIGSYS, &action, std::ptr::null_mut());
        }
    });
    let selector = SELECTOR.with(Cell::as_ptr);
    // SAFETY: the selector lives as long as the thread, and so does the watch.
    #[allow(unsafe_code)]
    let result = unsafe { libc::prctl(SET_SYSCALL_USER_DISPATCH, DISPATCH_ON, 0_usize, 0_usize, selector) };
    if result != 0 {
        bail!("this kernel does not hand system calls back: {}", std::io::Error::last_os_error());
    }
    Ok(())
}

/// Runs some code on a thread that is watched: the number of the first system call that it makes, which is not done.
pub fn caught<T>(code: impl FnOnce() -> T) -> (T, Option<i64>) {
    CAUGHT.store(-1, Ordering::Relaxed);
    SELECTOR.with(|selector| selector.set(BLOCK));
    let result = code();
    SELECTOR.with(|selector| selector.set(ALLOW));
    let number = CAUGHT.load(Ordering::Relaxed);
    (result, (number >= 0).then_some(number))
}

extern "C" fn on_call(_signal: c_int, info: *mut libc::siginfo_t, _context: *mut c_void) {
    // So that returning from here, itself a system call, is let through.
    SELECTOR.with(|selector| selector.set(ALLOW));
    /// Where `si_syscall` lies in `siginfo_t` on Linux with 64 bits: after three numbers, a gap, and an address.
    const NUMBER: usize = 6;
    // SAFETY: the kernel gives a whole `siginfo_t`.
    #[allow(unsafe_code)]
    let number = unsafe { *info.cast::<c_int>().add(NUMBER) };
    CAUGHT.store(i64::from(number), Ordering::Relaxed);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;

    #[test]
    fn a_system_call_is_caught_and_sums_are_not() {
        begin().unwrap();
        let (sum, call) = caught(|| (1..100).map(std::hint::black_box).sum::<i32>());
        assert_eq!((sum, call), (4950, None));
        // SAFETY: it only asks.
        #[allow(unsafe_code)]
        let ask = || unsafe { libc::syscall(libc::SYS_getppid) };
        assert_eq!(caught(ask).1, Some(libc::SYS_getppid));
        // A lock that nobody holds is none; one that somebody holds is.
        let lock = Mutex::new(1);
        assert_eq!(caught(|| *lock.lock().unwrap()), (1, None));
        let (told, tell) = std::sync::mpsc::channel();
        std::thread::scope(|scope| {
            scope.spawn(|| {
                let _held = lock.lock().unwrap();
                told.send(()).unwrap();
                std::thread::sleep(std::time::Duration::from_millis(50));
            });
            tell.recv().unwrap();
            assert_eq!(caught(|| *lock.lock().unwrap()), (1, Some(libc::SYS_futex)));
        });
    }
}
