//! Made-up parts of errors.

use std::io;
use std::path::PathBuf;

pub(super) fn path(name: &str) -> PathBuf {
    PathBuf::from(name)
}

pub(super) fn text(text: &str) -> String {
    text.to_owned()
}

pub(super) fn denied() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "Permission denied")
}

pub(super) fn full() -> io::Error {
    io::Error::new(io::ErrorKind::StorageFull, "No space left on device")
}
