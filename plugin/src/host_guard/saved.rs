//! Saved states before nice-plug reads them: it unpacks whatever they hold, and a few bytes may unpack to more than the
//! machine has memory. It also keeps to itself what it cannot read, and what the plugin refuses.

use clap_sys::stream::clap_istream;
use nice_plug::prelude::PluginState;
use nice_plug::wrapper::vst3::vst3::ComRef;
use nice_plug::wrapper::vst3::vst3::Steinberg::IBStream_::IStreamSeekMode_::{kIBSeekEnd, kIBSeekSet};
use nice_plug::wrapper::vst3::vst3::Steinberg::{IBStream, IBStreamTrait, int32, kResultOk};
use std::ffi::c_void;
use std::io::Read;

/// No state is larger, packed or not, in bytes. As many long loops as a project holds, all full, are half of it.
const LARGEST: usize = 32 << 20;

/// Whether nice-plug can read a state and the plugin takes it, or a sentence for the window.
pub fn check(packed: &[u8], vet: impl FnOnce(&mut PluginState) -> Result<(), String>) -> Result<(), String> {
    let mut unpacked = Vec::new();
    // One byte more, so that it shows where there is more. Old states are not packed.
    let unpack = zstd::Decoder::new(packed)
        .and_then(|decoder| decoder.take(LARGEST as u64 + 1).read_to_end(&mut unpacked));
    let state = if unpack.is_ok() { &unpacked[..] } else { packed };
    if state.len() > LARGEST {
        return Err("Nothing was loaded: this state is larger than any of Sceneloop's.".into());
    }
    let mut state: PluginState = serde_json::from_slice(state)
        .map_err(|_| "Nothing was loaded: this is not a state of Sceneloop, or it is damaged.")?;
    vet(&mut state)
}

/// What a CLAP host's stream holds of a state: its length in eight bytes, and as many more, where there are so many.
///
/// # Safety
/// `stream` is null or the host's.
pub unsafe fn of_clap(stream: *const clap_istream) -> Option<Vec<u8>> {
    // SAFETY: as the caller vouches.
    let mut bytes = unsafe { read_clap(stream, 8) }?;
    let length = u64::from_le_bytes(bytes.first_chunk().copied()?);
    let length = usize::try_from(length).ok().filter(|length| *length <= LARGEST)?;
    // SAFETY: as above.
    bytes.append(&mut unsafe { read_clap(stream, length) }?);
    Some(bytes)
}

/// At most `length` bytes.
///
/// # Safety
/// `stream` is null or the host's.
unsafe fn read_clap(stream: *const clap_istream, length: usize) -> Option<Vec<u8>> {
    // SAFETY: as the caller vouches; what is left of the buffer is said to the host.
    unsafe {
        let read = stream.as_ref()?.read?;
        let (mut bytes, mut done) = (vec![0; length], 0);
        while done < length {
            let left = &mut bytes[done..];
            let count = read(stream, left.as_mut_ptr().cast(), left.len() as u64);
            // Below 0 is an error; more than there is room for is worse.
            let count = usize::try_from(count).ok().filter(|count| *count <= left.len())?;
            if count == 0 {
                break;
            }
            done += count;
        }
        bytes.truncate(done);
        Some(bytes)
    }
}

/// What a VST3 host's stream holds from where it stands, where it is put back to.
///
/// # Safety
/// `stream` is null or the host's.
pub unsafe fn of_vst3(stream: *mut IBStream) -> Option<Vec<u8>> {
    // SAFETY: as the caller vouches; the buffer is as long as is said.
    unsafe {
        let stream = ComRef::from_raw(stream)?;
        let (mut start, mut end, mut done) = (0, 0, 0);
        let told = stream.tell(&mut start) == kResultOk
            && stream.seek(0, kIBSeekEnd as int32, &mut end) == kResultOk
            && stream.seek(start, kIBSeekSet as int32, std::ptr::null_mut()) == kResultOk;
        let length = usize::try_from(end.checked_sub(start)?).ok();
        let length = length.filter(|length| told && *length <= LARGEST)?;
        let mut bytes = vec![0u8; length];
        // Some hosts read well and say that they did not: what counts is how much.
        stream.read(bytes.as_mut_ptr().cast(), length as int32, &mut done);
        bytes.truncate(usize::try_from(done).ok()?);
        (stream.seek(start, kIBSeekSet as int32, std::ptr::null_mut()) == kResultOk).then_some(bytes)
    }
}

/// Gives bytes to nice-plug as a CLAP host would.
pub fn with_stream<R>(mut bytes: &[u8], give: impl FnOnce(*const clap_istream) -> R) -> R {
    unsafe extern "C" fn read(stream: *const clap_istream, to: *mut c_void, size: u64) -> i64 {
        // SAFETY: the bytes are borrowed by `with_stream`, and `to` has room for `size`.
        unsafe {
            let rest = &mut *(*stream).ctx.cast::<&[u8]>();
            let count = rest.len().min(usize::try_from(size).unwrap_or(usize::MAX));
            std::ptr::copy_nonoverlapping(rest.as_ptr(), to.cast::<u8>(), count);
            *rest = &rest[count..];
            count as i64
        }
    }
    let stream = clap_istream { ctx: (&raw mut bytes).cast(), read: Some(read) };
    give(&stream)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &[u8] = br#"{"version":"0.1.0","params":{},"fields":{"engine":"null"}}"#;

    fn check(packed: &[u8]) -> Result<(), String> {
        super::check(packed, |_| Ok(()))
    }

    #[test]
    fn what_the_plugin_says_of_a_state_is_said() {
        assert_eq!(super::check(GOOD, |_| Err("No.".into())), Err("No.".into()));
    }

    #[test]
    fn states_are_read_packed_and_as_they_once_were() {
        assert_eq!(check(GOOD), Ok(()));
        assert_eq!(check(&zstd::encode_all(GOOD, 0).unwrap()), Ok(()));
        for bad in [&b""[..], b"{}", b"RIFF", &GOOD[..30], &zstd::encode_all(GOOD, 0).unwrap()[..20]] {
            assert!(check(bad).unwrap_err().contains("damaged"));
        }
    }

    #[test]
    fn a_state_that_unpacks_to_more_than_memory_is_not_unpacked() {
        // Two gigabytes of blanks in some hundred kilobytes.
        let blanks = std::io::repeat(b' ').take(2 << 30);
        let bomb = zstd::encode_all(blanks, 1).unwrap();
        assert!(bomb.len() < 1 << 20, "{}", bomb.len());
        assert!(check(&bomb).unwrap_err().contains("larger"));
    }

    #[test]
    fn a_stream_is_read_to_its_end_and_no_further() {
        let state = |length: u64, bytes: &[u8]| [&length.to_le_bytes()[..], bytes].concat();
        // SAFETY: the stream lives as long as the call.
        let read = |bytes: &[u8]| with_stream(bytes, |stream| unsafe { of_clap(stream) });
        assert_eq!(read(&state(3, b"abcdef")), Some(state(3, b"abc")));
        assert_eq!(read(&state(9, b"abc")), Some(state(9, b"abc")));
        assert_eq!(read(&state(u64::MAX, b"abc")), None);
        assert_eq!(read(&state(LARGEST as u64 + 1, b"abc")), None);
        assert_eq!(read(b"abc"), None);
        // SAFETY: null is allowed.
        assert_eq!(unsafe { of_clap(std::ptr::null()) }, None);
    }
}
