//! The factory: our classes, in our order.

use super::super::link::Drained;
use super::Guard;
use nice_plug::prelude::Vst3Plugin;
use nice_plug::wrapper::vst3::PluginInfo;
use nice_plug::wrapper::vst3::vst3::Steinberg::*;
use nice_plug::wrapper::vst3::vst3::{Class, ComWrapper};
use std::ffi::c_void;

/// One class of the module.
pub struct VstClass {
    info: PluginInfo,
    create: unsafe fn(FIDString, *mut *mut c_void) -> tresult,
}

impl VstClass {
    /// The class of a plugin type.
    pub fn of<P: Vst3Plugin<BackgroundTask = Drained>>() -> Self {
        Self { info: PluginInfo::for_plugin::<P>(), create: create::<P> }
    }
}

/// # Safety
/// `iid` is an interface id, and `object` has room for a pointer.
unsafe fn create<P: Vst3Plugin<BackgroundTask = Drained>>(
    iid: FIDString,
    object: *mut *mut c_void,
) -> tresult {
    let guard = ComWrapper::new(Guard::<P>::new());
    let Some(unknown) = guard.as_com_ref::<FUnknown>() else { return kResultFalse };
    let unknown = unknown.as_ptr();
    // SAFETY: alive until the end of this function, and longer if the query adds a reference.
    unsafe { ((*(*unknown).vtbl).queryInterface)(unknown, iid as *const TUID, object) }
}

struct Factory {
    classes: Vec<VstClass>,
}

impl Class for Factory {
    type Interfaces = (IPluginFactory, IPluginFactory2, IPluginFactory3);
}

impl Factory {
    /// # Safety
    /// `info` is null or has room for a `T`.
    unsafe fn describe<T>(&self, index: int32, info: *mut T, make: impl Fn(&PluginInfo) -> T) -> tresult {
        match usize::try_from(index).ok().and_then(|index| self.classes.get(index)) {
            Some(class) if !info.is_null() => {
                // SAFETY: not null.
                unsafe { *info = make(&class.info) };
                kResultOk
            }
            _ => kInvalidArgument,
        }
    }
}

impl IPluginFactoryTrait for Factory {
    unsafe fn getFactoryInfo(&self, info: *mut PFactoryInfo) -> tresult {
        // SAFETY: the host's.
        unsafe { self.describe(0, info, PluginInfo::create_factory_info) }
    }
    unsafe fn countClasses(&self) -> int32 {
        self.classes.len() as int32
    }
    unsafe fn getClassInfo(&self, index: int32, info: *mut PClassInfo) -> tresult {
        // SAFETY: the host's.
        unsafe { self.describe(index, info, PluginInfo::create_class_info) }
    }
    unsafe fn createInstance(&self, cid: FIDString, iid: FIDString, object: *mut *mut c_void) -> tresult {
        if cid.is_null() || iid.is_null() || object.is_null() {
            return kInvalidArgument;
        }
        // SAFETY: not null, and class ids have 16 bytes.
        let cid = unsafe { &*(cid as *const [u8; 16]) };
        match self.classes.iter().find(|class| class.info.cid == cid) {
            // SAFETY: not null.
            Some(class) => unsafe { (class.create)(iid, object) },
            None => kInvalidArgument,
        }
    }
}

impl IPluginFactory2Trait for Factory {
    unsafe fn getClassInfo2(&self, index: int32, info: *mut PClassInfo2) -> tresult {
        // SAFETY: the host's.
        unsafe { self.describe(index, info, PluginInfo::create_class_info_2) }
    }
}

impl IPluginFactory3Trait for Factory {
    unsafe fn getClassInfoUnicode(&self, index: int32, info: *mut PClassInfoW) -> tresult {
        // SAFETY: the host's.
        unsafe { self.describe(index, info, PluginInfo::create_class_info_unicode) }
    }
    unsafe fn setHostContext(&self, _context: *mut FUnknown) -> tresult {
        kResultOk
    }
}

/// What `GetPluginFactory` returns.
pub fn factory(classes: Vec<VstClass>) -> *mut c_void {
    ComWrapper::new(Factory { classes })
        .to_com_ptr::<IPluginFactory>()
        .map_or(std::ptr::null_mut(), |factory| factory.into_raw() as *mut c_void)
}
