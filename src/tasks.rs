//! Work that waits for a disk, away from the tasks that wait for a service; and tasks that panic.

use tokio::task::JoinError;

/// Does it, and gives what it gave. A panic goes on.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(resume)
}

/// What a task gave; nothing if it was called off. A panic goes on.
pub fn finished<T>(joined: Result<T, JoinError>) -> Option<T> {
    match joined {
        Err(error) if error.is_cancelled() => None,
        joined => Some(joined.unwrap_or_else(resume)),
    }
}

/// Goes on with the panic of a task that nothing calls off.
#[must_use]
pub fn resume<T>(error: JoinError) -> T {
    std::panic::resume_unwind(error.into_panic())
}

/// Does what may wait for a disk or a bucket where it is called, away from other tasks.
pub fn in_place<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Handle::try_current();
    match runtime.map(|runtime| runtime.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
