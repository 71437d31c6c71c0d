//! What passes between the plugin and its guard beside nice-plug: telling the host that the project has changed, hearing
//! at once that it renders offline, and an orderly end of nice-plug's background thread.

use std::cell::RefCell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

type Notify = Arc<dyn Fn() + Send + Sync>;
type Post = Box<dyn Fn(Drained) + Send>;

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

    pub(super) fn set_offline(&self, offline: bool) {
        self.offline.store(offline, Ordering::Relaxed);
    }

    pub(super) fn set_notify(&self, notify: Option<Notify>) {
        let old = std::mem::replace(&mut *lock(&self.notify), notify);
        drop(old); // may call the host: not under the lock
    }

    /// Called by the plugin in `editor()`: how to put a task into nice-plug's background queue.
    pub fn on_drain(&self, post: impl Fn(Drained) + Send + 'static) {
        *lock(&self.post) = Some(Box::new(post));
    }

    /// Waits until nice-plug's background thread has done everything this instance asked for.
    ///
    /// That thread is shared by all instances, and it ends when it meets a task of an instance that is gone; dropping
    /// the last instance then panics across the host's call. On Linux every parameter change that VST3 delivers on
    /// the audio thread becomes such a task.
    pub(super) fn drain(&self) {
        let Some(post) = lock(&self.post).take() else {
            std::thread::sleep(Duration::from_millis(100)); // not wired up: likely long enough
            return;
        };
        // The queue is in order. The second round begins after the thread has let go of the instance in the first
        // one; the pause covers the same for the second.
        for _ in 0..2 {
            let (sender, receiver) = sync_channel(1);
            post(Drained(sender));
            if receiver.recv_timeout(Duration::from_secs(2)).is_err() {
                return;
            }
        }
        std::thread::sleep(Duration::from_millis(1));
    }
}

/// What is behind these locks stays whole whatever panics.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The only background task of a guarded plugin: `type BackgroundTask = Drained`, run by
/// `Box::new(|task| task.done())`. Real work belongs on a thread of our own.
pub struct Drained(SyncSender<()>);

impl Drained {
    /// Says that the queue has come this far.
    pub fn done(self) {
        let _ = self.0.try_send(());
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

    #[test]
    fn draining_waits_for_both_rounds() {
        let (link, count) = (HostLink::default(), Arc::new(AtomicUsize::new(0)));
        let counter = count.clone();
        link.on_drain(move |task| {
            let counter = counter.clone();
            std::thread::spawn(move || {
                std::thread::sleep(Duration::from_millis(20));
                counter.fetch_add(1, Ordering::SeqCst);
                task.done();
            });
        });
        link.drain();
        assert_eq!(count.load(Ordering::SeqCst), 2);
    }
}
