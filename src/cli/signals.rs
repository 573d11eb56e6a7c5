//! The wish that the program end: Ctrl-C, or the signal of a service manager, a container or a closed terminal.

use crate::exit::Exit;
use std::sync::atomic::{AtomicBool, Ordering};

/// One of the others than Ctrl-C came.
static TERMINATED: AtomicBool = AtomicBool::new(false);
static HUNG_UP: AtomicBool = AtomicBool::new(false);

/// Returns when the program is asked to end. A hang-up that the caller ignores (`nohup`) is no such wish.
pub(super) async fn asked_to_end(ignores_hangup: bool) {
    tokio::select! {
        () = interrupted() => {}
        () = terminated() => TERMINATED.store(true, Ordering::Relaxed),
        () = hung_up(), if !ignores_hangup => HUNG_UP.store(true, Ordering::Relaxed),
    }
}

/// How a program ends that was asked to: as a shell says it of each signal.
pub(super) fn exit() -> Exit {
    if TERMINATED.load(Ordering::Relaxed) {
        Exit::Terminated
    } else if HUNG_UP.load(Ordering::Relaxed) {
        Exit::HungUp
    } else {
        Exit::Interrupted
    }
}

async fn interrupted() {
    // No handler could be set: the system's own way of ending the process stays.
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn terminated() {
    unix(tokio::signal::unix::SignalKind::terminate()).await;
}

#[cfg(unix)]
async fn hung_up() {
    unix(tokio::signal::unix::SignalKind::hangup()).await;
}

#[cfg(unix)]
async fn unix(kind: tokio::signal::unix::SignalKind) {
    if let Ok(mut signal) = tokio::signal::unix::signal(kind)
        && signal.recv().await.is_some()
    {
        return;
    }
    std::future::pending::<()>().await;
}

#[cfg(not(unix))]
async fn terminated() {
    std::future::pending::<()>().await;
}

#[cfg(not(unix))]
async fn hung_up() {
    std::future::pending::<()>().await;
}
