//! What passes between the plugin and its guard beside nice-plug: telling the host that the project has changed, hearing
//! at once that it renders offline, and an orderly end of nice-plug's background thread.

use nice_plug::prelude::PluginState;
use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

type Notify = Arc<dyn Fn() + Send + Sync>;
type Post = Box<dyn Fn(Drained) + Send>;
type Vet = Box<dyn Fn(&mut PluginState) -> Result<(), String> + Send>;
type Refuse = Box<dyn Fn(String) + Send>;

/// One per plugin instance. The plugin takes it in `Default::default()` by [`HostLink::current`] and gives clones to
/// its editor. Outside of a guarded module it does nothing.
#[derive(Default)]
pub struct HostLink {
    /// Written by the guard on the main thread, called by the window.
    notify: Mutex<Option<Notify>>,
    /// Written by the plugin in `editor()`, taken by the guard when the instance goes.
    post: Mutex<Option<Post>>,
    /// Written by the guard on whatever thread the host says it, read by the audio thread.
    offline: AtomicBool,
    /// How many blocks the host has asked for. Written and read on the audio thread.
    blocks: AtomicU64,
    /// Written by the plugin when it is made, called by the guard on the main thread.
    vet: Mutex<Option<Vet>>,
    /// The same.
    refuse: Mutex<Option<Refuse>>,
}

thread_local! {
    static CURRENT: RefCell<Option<Arc<HostLink>>> = const { RefCell::new(None) };
}

impl HostLink {
    /// The link of the instance that is being created on this thread.
    pub fn current() -> Arc<Self> {
        CURRENT.with(|current| current.borrow().clone()).unwrap_or_default()
    }

    /// Runs `create`, in which [`HostLink::current`] gives this link.
    pub(super) fn enter<R>(self: &Arc<Self>, create: impl FnOnce() -> R) -> R {
        let previous = CURRENT.with(|current| current.replace(Some(self.clone())));
        let result = create();
        CURRENT.with(|current| current.replace(previous));
        result
    }

    /// Tells the host that saved data which is not a parameter has changed, so that it offers to save the project.
    /// For the window or the main thread, never for the audio thread; the same rule as for `ParamSetter`.
    pub fn mark_dirty(&self) {
        let notify = lock(&self.notify).clone();
        if let Some(notify) = notify {
            notify();
        }
    }

    /// Whether the host said last that it renders offline, so that blocks may take their time. Hosts say so at moments
    /// of their own, also while the plugin is active, where nice-plug would hear it at the next activation only.
    pub fn is_offline(&self) -> bool {
        self.offline.load(Ordering::Relaxed)
    }

    /// Number of the host's block, of which nice-plug and the guard may make several; 0 outside of a guarded module.
    pub fn block(&self) -> u64 {
        self.blocks.load(Ordering::Relaxed)
    }

    pub(super) fn begin_block(&self) {
        self.blocks.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Ordering::Relaxed);
    }

    pub(super) fn set_notify(&self, notify: Option<Notify>) {
        let old = std::mem::replace(&mut *lock(&self.notify), notify);
        drop(old); // may call the host: not under the lock
    }

    /// Called by the plugin when it is made: what says of a state, before nice-plug gets it, why it is refused, if it is.
    /// nice-plug tells the host that all is well whatever `Plugin::filter_state` thinks.
    pub fn on_state(&self, vet: impl Fn(&mut PluginState) -> Result<(), String> + Send + 'static) {
        *lock(&self.vet) = Some(Box::new(vet));
    }

    pub(super) fn vet(&self, state: &mut PluginState) -> Result<(), String> {
        lock(&self.vet).as_ref().map_or(Ok(()), |vet| vet(state))
    }

    /// Called by the plugin when it is made: where the sentence goes that says why a state was refused.
    pub fn on_refusal(&self, refuse: impl Fn(String) + Send + 'static) {
        *lock(&self.refuse) = Some(Box::new(refuse));
    }

    pub(super) fn refuse(&self, sentence: String) {
        if let Some(refuse) = &*lock(&self.refuse) {
            refuse(sentence);
        }
    }

    /// Called by the plugin in `editor()`: how to put a task into nice-plug's background queue.
    pub fn on_drain(&self, post: impl Fn(Drained) + Send + 'static) {
        *lock(&self.post) = Some(Box::new(post));
    }

    /// Waits until nice-plug's background thread has done everything this instance asked for, and has let go of it.
    ///
    /// That thread is shared by all instances. It ends when it meets a task of an instance that is gone; dropping the
    /// last instance then panics across the host's call. And it holds the instance until just after each task: were
    /// it the last to let go, it would wait for its own end. On Linux every parameter change that VST3 delivers on the
    /// audio thread becomes such a task.
    pub(super) fn drain(&self) {
        let Some(post) = lock(&self.post).take() else {
            std::thread::sleep(Duration::from_millis(100)); // not wired up: likely long enough
            return;
        };
        // The queue is in order, so that this is the last task.
        let thread = Arc::new(OnceLock::new());
        post(Drained(thread.clone()));
        if !comes_true(|| thread.get().is_some()) {
            return;
        }
        match thread.get() {
            // With the instance let go of, it sleeps until the next task; before that there is nothing to sleep for.
            Some(Some(stat)) => {
                comes_true(|| is_asleep(stat));
            }
            _ => std::thread::sleep(Duration::from_millis(20)), // likely long enough
        }
    }
}

/// Whether something is so within two seconds. Asked, not told: whoever wakes us may be stopped for it before it goes on.
fn comes_true(is_so: impl Fn() -> bool) -> bool {
    let begun = Instant::now();
    while !is_so() {
        if begun.elapsed() > Duration::from_secs(2) {
            return false;
        }
        std::thread::sleep(Duration::from_micros(100));
    }
    true
}

/// Whether the thread with this file of the kernel's sleeps, or has ended.
fn is_asleep(stat: &Path) -> bool {
    // The state is the letter behind the name, which stands in brackets and may hold some.
    let state = |line: String| line.rsplit(')').next().and_then(|rest| rest.trim_start().chars().next());
    std::fs::read_to_string(stat).map_or(true, |line| state(line) == Some('S'))
}

/// What is behind these locks stays whole whatever panics.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The only background task of a guarded plugin: `type BackgroundTask = Drained`, run by
/// `Box::new(|task| task.done())`. Real work belongs on a thread of our own.
pub struct Drained(Arc<OnceLock<Option<PathBuf>>>);

impl Drained {
    /// Says that the queue has come this far, and where one can see what the thread does, if there is such a place.
    pub fn done(self) {
        let thread = std::fs::read_link("/proc/thread-self").ok();
        let _ = self.0.set(thread.map(|thread| Path::new("/proc").join(thread).join("stat")));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicUsize;

    #[test]
    fn the_link_is_known_only_while_its_instance_is_made() {
        let (outer, inner) = (Arc::new(HostLink::default()), Arc::new(HostLink::default()));
        outer.enter(|| {
            inner.enter(|| assert!(Arc::ptr_eq(&HostLink::current(), &inner)));
            assert!(Arc::ptr_eq(&HostLink::current(), &outer));
        });
        assert!(!Arc::ptr_eq(&HostLink::current(), &outer));
    }

    #[test]
    fn the_host_is_told_while_it_listens() {
        let (link, count) = (HostLink::default(), Arc::new(AtomicUsize::new(0)));
        link.mark_dirty();
        let counter = count.clone();
        link.set_notify(Some(Arc::new(move || {
            counter.fetch_add(1, Ordering::SeqCst);
        })));
        link.mark_dirty();
        link.set_notify(None);
        link.mark_dirty();
        assert_eq!(count.load(Ordering::SeqCst), 1);
    }

    /// However long that takes it: on a busy machine a thread may be stopped anywhere.
    #[cfg(target_os = "linux")]
    #[test]
    fn draining_waits_until_the_thread_has_let_go() {
        let (link, instance) = (HostLink::default(), Arc::new(()));
        let (tasks, inbox) = std::sync::mpsc::channel::<(Drained, Arc<()>)>();
        let worker = std::thread::spawn(move || {
            while let Ok((task, _instance)) = inbox.recv() {
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_millis(20) {}
                task.done();
                let begun = Instant::now();
                while begun.elapsed() < Duration::from_millis(50) {}
            }
        });
        let (sender, held) = (tasks.clone(), instance.clone());
        link.on_drain(move |task| sender.send((task, held.clone())).unwrap());
        link.drain(); // which also drops what posts
        assert_eq!(Arc::strong_count(&instance), 1);
        drop(tasks);
        worker.join().unwrap();
    }
}
