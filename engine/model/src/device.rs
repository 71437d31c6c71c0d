//! Where the network runs: a real GPU if there is one, else the CPU, in the same program.
//!
//! Nothing here falls back silently, panics or hangs: a graphics card that cannot be used is a sentence for the user, and the CPU
//! is always there. A software adapter (lavapipe, WARP) is no GPU; tests may ask for one.

use burn::tensor::wgpu::wgpu;
use burn::tensor::{Device, DeviceKind};
use cubecl_common::device::{Device as _, DeviceId};
use cubecl_runtime::device::{WgpuBackend, WgpuDevice, WgpuDeviceKind};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, Once, PoisonError, Weak, mpsc};
use std::time::Duration;

/// What the user asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Choice {
    /// A GPU if there is one, else the CPU.
    #[default]
    Auto,
    /// A GPU.
    Gpu,
    /// The CPU.
    Cpu,
}

/// Why there is no GPU. Each is one sentence for the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DeviceError {
    /// No adapter, or only software.
    #[error("no graphics card was found that can compute")]
    None,
    /// It was found and cannot be used.
    #[error("the graphics card {name} cannot be used ({reason})")]
    Refused {
        /// As the driver names it.
        name: String,
        /// What the driver said.
        reason: String,
    },
    /// The driver did not answer.
    #[error("the graphics driver did not answer; it is left alone until the program starts again")]
    Silent,
}

/// How long a driver may take to say what it has.
const PATIENCE: Duration = Duration::from_secs(10);

/// Tasks gathered into one command; more would hold the card for longer at a time than a screen may wait.
const TASKS: usize = 32;

/// A driver that once did not answer is not asked again: its thread still waits for it.
static GIVEN_UP: AtomicBool = AtomicBool::new(false);

/// A place where the network can run.
#[derive(Debug, Clone)]
pub struct Place {
    device: Device,
    name: String,
    /// The GPU, which others may use as well.
    gpu: Option<Arc<Gpu>>,
}

/// A GPU that is open. There is one in a process, for all networks: opened twice it fails, and closed it is closed for all.
#[derive(Debug)]
struct Gpu {
    device: Device,
    name: String,
    id: DeviceId,
    is_software: bool,
}

/// The GPU that is open, if one is. Locked by whoever opens or closes it.
static OPEN: Mutex<Weak<Gpu>> = Mutex::new(Weak::new());

fn open_gpu() -> MutexGuard<'static, Weak<Gpu>> {
    OPEN.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Place {
    /// The CPU.
    pub fn cpu() -> Self {
        configure();
        Self { device: Device::flex(), name: "CPU".into(), gpu: None }
    }

    /// The device for tensors.
    pub fn device(&self) -> &Device {
        &self.device
    }

    /// Its name, for the window.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it is a GPU.
    pub fn is_gpu(&self) -> bool {
        self.gpu.is_some()
    }

    /// The first discrete GPU, else the first integrated one. With `software` an adapter that is no GPU does as well, for tests.
    ///
    /// # Errors
    /// [`DeviceError`].
    pub fn gpu(software: bool) -> Result<Self, DeviceError> {
        configure();
        let mut open = open_gpu();
        if GIVEN_UP.load(Ordering::Acquire) {
            return Err(DeviceError::Silent);
        }
        if let Some(gpu) = open.upgrade() {
            return if gpu.is_software && !software { Err(DeviceError::None) } else { Ok(Self::on(gpu)) };
        }
        // Drivers may hang where no code can wake them; then the thread is left to itself.
        let (send, answer) = mpsc::channel();
        let probe = move || {
            let found = catch_unwind(AssertUnwindSafe(|| probe(software)));
            let refused =
                || DeviceError::Refused { name: "found".into(), reason: "its driver failed".into() };
            let _ = send.send(found.unwrap_or_else(|_| Err(refused())));
        };
        let thread = std::thread::Builder::new().name("sceneloop graphics".into()).spawn(probe);
        let found = thread.map_err(|_| DeviceError::None).map(|_| answer.recv_timeout(PATIENCE));
        match found? {
            Ok(found) => found.map(|gpu| {
                let gpu = Arc::new(gpu);
                *open = Arc::downgrade(&gpu);
                Self::on(gpu)
            }),
            Err(_) => {
                GIVEN_UP.store(true, Ordering::Release);
                Err(DeviceError::Silent)
            }
        }
    }

    fn on(gpu: Arc<Gpu>) -> Self {
        Self { device: gpu.device.clone(), name: gpu.name.clone(), gpu: Some(gpu) }
    }
}

/// The GPU is given back with the last place on it: its threads end and its memory is free. Networks and tensors there must have been dropped
/// before.
impl Drop for Place {
    fn drop(&mut self) {
        if let Some(gpu) = self.gpu.take() {
            self.device = Device::flex();
            let _open = open_gpu(); // nobody takes it up while it is closed
            drop(gpu);
        }
    }
}

impl Drop for Gpu {
    fn drop(&mut self) {
        // Waits for the device's thread; a failure there is the driver's and leaves nothing to be done.
        let _ = catch_unwind(|| cubecl_common::device_handle::DeviceHandle::<()>::shutdown(self.id));
    }
}

/// The one graphics API of a platform that is asked for.
const API: (wgpu::Backends, WgpuBackend, burn::tensor::wgpu::WgpuBackend) = if cfg!(target_os = "macos") {
    (wgpu::Backends::METAL, WgpuBackend::Metal, burn::tensor::wgpu::WgpuBackend::Metal)
} else if cfg!(target_os = "windows") {
    (wgpu::Backends::DX12, WgpuBackend::Dx12, burn::tensor::wgpu::WgpuBackend::Dx12)
} else {
    (wgpu::Backends::VULKAN, WgpuBackend::Vulkan, burn::tensor::wgpu::WgpuBackend::Vulkan)
};

fn probe(software: bool) -> Result<Gpu, DeviceError> {
    let (backends, backend, api) = API;
    let mut descriptor = wgpu::InstanceDescriptor::new_without_display_handle();
    descriptor.backends = backends;
    let instance = wgpu::Instance::new(descriptor);
    let adapters = cubecl_environment::future::block_on(instance.enumerate_adapters(backends));
    let infos: Vec<wgpu::AdapterInfo> = adapters.iter().map(wgpu::Adapter::get_info).collect();
    let kinds = [
        (wgpu::DeviceType::DiscreteGpu, DeviceKind::DiscreteGpu(0), WgpuDeviceKind::DiscreteGpu(0)),
        (wgpu::DeviceType::IntegratedGpu, DeviceKind::IntegratedGpu(0), WgpuDeviceKind::IntegratedGpu(0)),
        (wgpu::DeviceType::Cpu, DeviceKind::Cpu, WgpuDeviceKind::Cpu),
    ];
    let wanted = &kinds[..if software { 3 } else { 2 }];
    let found = wanted.iter().find_map(|(kind, device, id)| {
        Some((infos.iter().find(|info| info.device_type == *kind)?, device.clone(), id.clone()))
    });
    let Some((info, kind, id)) = found else { return Err(DeviceError::None) };
    let refused = |reason: String| DeviceError::Refused { name: info.name.clone(), reason };
    let options = Device::wgpu_options().device_kind(kind).graphics_api(api).tasks_max(TASKS);
    let (device, setup) = options.init_with_setup().map_err(|error| refused(error.to_string()))?;
    // An explicit kind and API never fall back; but what counts is what came.
    let came = setup.adapter.get_info();
    if came.device_type != info.device_type {
        return Err(refused(format!("{} came in its place", came.name)));
    }
    let is_software = came.device_type == wgpu::DeviceType::Cpu;
    Ok(Gpu { device, name: came.name, id: WgpuDevice { kind: id, backend }.to_id(), is_software })
}

/// Settings of the libraries below, said before anything reads them: otherwise they look for files in the host's folder and all its
/// parents, and keep a stream for every thread that ever computed.
fn configure() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        use cubecl_environment::config::RuntimeConfig;
        use cubecl_runtime::config::CubeClRuntimeConfig;
        use cubecl_runtime::config::streaming::{StreamPolicy, StreamingConfig};
        let streaming = StreamingConfig { policy: StreamPolicy::Single, ..StreamingConfig::default() };
        // Whoever set them first in this process keeps them.
        let _ = CubeClRuntimeConfig::try_set(CubeClRuntimeConfig { streaming, ..Default::default() });
        let _ = burn::BurnConfig::try_set(burn::BurnConfig::default());
    });
}

/// Threads of their own for computing on the CPU, of the lowest priority, so that the host's threads always come first.
///
/// # Errors
/// If the system gives no threads.
pub fn quiet_threads() -> Result<rayon::ThreadPool, rayon::ThreadPoolBuildError> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    rayon::ThreadPoolBuilder::new()
        .num_threads(cores.clamp(1, 2))
        .thread_name(|index| format!("sceneloop network {index}"))
        .start_handler(|_| {
            // Without the right to it the thread runs as the others do.
            let _ = thread_priority::set_current_thread_priority(thread_priority::ThreadPriority::Min);
        })
        .build()
}

#[cfg(test)]
mod tests {
    use super::*;
    use burn::tensor::Tensor;

    #[test]
    fn a_card_is_found_or_the_reason_is_a_sentence() {
        match Place::gpu(false) {
            Ok(place) => assert!(place.is_gpu()),
            Err(error) => assert!(error.to_string().contains("graphics"), "{error}"),
        }
        let place = Place::cpu();
        let sum = Tensor::<1>::ones([4], place.device()).sum().into_scalar::<f32>();
        assert_eq!((sum, place.is_gpu(), place.name()), (4.0, false, "CPU"));
    }

    #[test]
    fn quiet_threads_compute() {
        let sum = quiet_threads().unwrap().install(|| {
            Tensor::<2>::ones([64, 64], &Device::flex()).matmul(Tensor::ones([64, 64], &Device::flex())).sum()
        });
        assert_eq!(sum.into_scalar::<f32>(), 64.0 * 64.0 * 64.0);
    }
}
