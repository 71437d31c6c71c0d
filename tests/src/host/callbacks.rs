//! What the plugin may ask of the host.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};

use clack_extensions::audio_ports::{AudioPortRescanFlags, HostAudioPorts, HostAudioPortsImpl};
use clack_extensions::note_ports::{HostNotePorts, HostNotePortsImpl, NoteDialects, NotePortRescanFlags};
use clack_extensions::params::{
    HostParams, HostParamsImplMainThread, HostParamsImplShared, ParamClearFlags, ParamRescanFlags,
};
use clack_extensions::state::{HostState, HostStateImpl};
use clack_host::prelude::*;

/// Names the three kinds of handler.
pub struct TestHost;

impl HostHandlers for TestHost {
    type Shared<'a> = Shared;
    type MainThread<'a> = Main;
    type AudioProcessor<'a> = ();

    fn declare_extensions(builder: &mut HostExtensions<Self>, _shared: &Self::Shared<'_>) {
        builder
            .register::<HostState>()
            .register::<HostParams>()
            .register::<HostNotePorts>()
            .register::<HostAudioPorts>();
    }
}

/// Any thread of the plugin writes, the host reads between blocks.
#[derive(Default)]
pub struct Shared {
    callback_requested: AtomicBool,
}

impl Shared {
    /// Whether the plugin asked to be called on the main thread since the last time.
    pub fn take_callback_request(&self) -> bool {
        self.callback_requested.swap(false, Ordering::AcqRel)
    }
}

impl SharedHandler<'_> for Shared {
    // A test decides itself when to activate again, and it processes always.
    fn request_restart(&self) {}
    fn request_process(&self) {}
    fn request_callback(&self) {
        self.callback_requested.store(true, Ordering::Release);
    }
}

impl HostParamsImplShared for Shared {
    // The next block flushes.
    fn request_flush(&self) {}
}

/// What only the main thread sees.
#[derive(Default)]
pub struct Main {
    /// Times the plugin said that its state has changed.
    pub dirty: Cell<u32>,
}

impl MainThreadHandler<'_> for Main {}

impl HostStateImpl for Main {
    fn mark_dirty(&self) {
        self.dirty.set(self.dirty.get() + 1);
    }
}

impl HostParamsImplMainThread for Main {
    fn rescan(&self, _flags: ParamRescanFlags) {}
    fn clear(&self, _param_id: ClapId, _flags: ParamClearFlags) {}
}

impl HostNotePortsImpl for Main {
    fn supported_dialects(&self) -> NoteDialects {
        NoteDialects::CLAP | NoteDialects::MIDI
    }
    fn rescan(&self, _flags: NotePortRescanFlags) {}
}

impl HostAudioPortsImpl for Main {
    fn is_rescan_flag_supported(&self, _flag: AudioPortRescanFlags) -> bool {
        false
    }
    fn rescan(&self, _flags: AudioPortRescanFlags) {}
}
