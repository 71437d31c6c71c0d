//! What this program holds of the machine.

/// Bytes of memory that are resident; none where the system does not tell.
#[cfg(target_os = "linux")]
pub fn resident_bytes() -> Option<usize> {
    // Pages: all, resident, and more.
    let pages = std::fs::read_to_string("/proc/self/statm").ok()?;
    // SAFETY: it only asks.
    #[allow(unsafe_code)]
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages.split(' ').nth(1)?.parse::<usize>().ok()? * usize::try_from(page).ok()?)
}

/// Bytes of memory that are resident; none where the system does not tell.
#[cfg(not(target_os = "linux"))]
pub fn resident_bytes() -> Option<usize> {
    None
}
