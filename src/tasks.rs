//! Work that waits for a disk, away from the tasks that wait for a service.

/// Does it, and gives what it gave. A panic goes on.
pub async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> T {
    match tokio::task::spawn_blocking(work).await {
        Ok(value) => value,
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// Does what may wait for a disk or a bucket where it is called, away from other tasks.
pub fn in_place<T>(work: impl FnOnce() -> T) -> T {
    let runtime = tokio::runtime::Handle::try_current();
    match runtime.map(|runtime| runtime.runtime_flavor()) {
        Ok(tokio::runtime::RuntimeFlavor::MultiThread) => tokio::task::block_in_place(work),
        _ => work(),
    }
}
