//! Room on the disk for the next token, claimed before the old one is spent, and what happens if it cannot be used after all.

use super::error::Error;
use super::state_problem::{StateProblem, Step, give_to_folders_owner};
use crate::atomic_file::{self, Access, Pending};
use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// More than any token file needs.
const CLAIMED_BYTES: usize = 16 * 1024;

/// A place for the next token.
#[derive(Debug)]
pub struct Claim {
    room: Room,
    path: PathBuf,
    /// Where a token stands that could not be put in place.
    kept: PathBuf,
}

#[derive(Debug)]
enum Room {
    /// A file beside the old one, renamed over it.
    Beside(Pending),
    /// The old file itself, where nothing can be renamed over it.
    Within(Within),
}

/// A file with blanks after its content, which JSON allows: it reads as before at any instant.
#[derive(Debug)]
struct Within {
    file: File,
    /// What it is cut to when it is let go of.
    bytes: u64,
}

impl Claim {
    /// Room beside the file at `path`, to be renamed over it.
    pub(super) fn beside(path: &Path, kept: PathBuf) -> Result<Self, Error> {
        let blanks = [b' '; CLAIMED_BYTES];
        let pending =
            atomic_file::with_bytes(path, &blanks, Access::Private).map_err(StateProblem::from)?;
        give_to_folders_owner(pending.temporary());
        Ok(Self {
            room: Room::Beside(pending),
            path: path.to_owned(),
            kept,
        })
    }

    /// Room in the file itself, which is there.
    pub(super) fn within(path: &Path, kept: PathBuf) -> Result<Self, Error> {
        let within =
            Within::claim(path).map_err(|cause| StateProblem::new(Step::Write, path, cause))?;
        Ok(Self {
            room: Room::Within(within),
            path: path.to_owned(),
            kept,
        })
    }

    /// Writes a token file into the claimed room and puts it in place.
    ///
    /// # Errors
    /// Fails when it cannot be put in place. The earlier file stays then, and the new one is kept beside it.
    pub(super) fn fill(self, bytes: &[u8]) -> Result<(), Error> {
        let Self { room, path, kept } = self;
        let result = match room {
            Room::Beside(pending) => fill_beside(pending, bytes, &path, &kept),
            Room::Within(within) => within
                .fill(bytes)
                .map_err(|cause| (anew(bytes, &kept), cause)),
        };
        result.map_err(|(kept, cause)| Error::NotInPlace {
            path,
            kept,
            cause: cause.to_string(),
        })
    }
}

/// Where the token stands now, if anywhere, and why not in its place.
type NotWritten = (Option<PathBuf>, io::Error);

fn fill_beside(
    mut pending: Pending,
    bytes: &[u8],
    path: &Path,
    kept: &Path,
) -> Result<(), NotWritten> {
    let file = pending.file();
    let written = file
        .rewind()
        .and_then(|()| file.write_all(bytes))
        .and_then(|()| file.set_len(bytes.len() as u64));
    if let Err(cause) = written {
        return Err((anew(bytes, kept), cause));
    }
    if let Err(atomic_file::Error::Create { cause, .. } | atomic_file::Error::Write { cause, .. }) =
        pending.flush()
    {
        return Err((pending.stay().ok().map(|at| named(at, kept)), cause));
    }
    let Err((temporary, cause)) = pending.rename_or_stay() else {
        return Ok(());
    };
    // A mount that the system did not tell of.
    let unmovable = matches!(
        cause.kind(),
        ErrorKind::ResourceBusy | ErrorKind::CrossesDevices
    );
    if unmovable
        && Within::claim(path)
            .and_then(|within| within.fill(bytes))
            .is_ok()
    {
        let _ = fs::remove_file(temporary);
        return Ok(());
    }
    Err((Some(named(temporary, kept)), cause))
}

/// Gives a temporary file the name by which the next run finds it.
fn named(temporary: PathBuf, kept: &Path) -> PathBuf {
    match fs::rename(&temporary, kept) {
        Ok(()) => kept.to_owned(),
        Err(_) => temporary,
    }
}

/// Writes the token to a file of its own: the claimed room could not be used.
fn anew(bytes: &[u8], kept: &Path) -> Option<PathBuf> {
    let mut pending = atomic_file::with_bytes(kept, bytes, Access::Private).ok()?;
    let _ = pending.flush();
    pending
        .rename_or_stay()
        .map_or_else(|(temporary, _)| Some(temporary), |()| Some(kept.to_owned()))
}

impl Within {
    fn claim(path: &Path) -> io::Result<Self> {
        let mut file = fs::OpenOptions::new().read(true).write(true).open(path)?;
        let bytes = file.seek(SeekFrom::End(0))?;
        let room = (CLAIMED_BYTES as u64).saturating_sub(bytes);
        let claimed = Self { file, bytes };
        (&claimed.file).write_all(&vec![b' '; usize::try_from(room).unwrap_or(0)])?;
        Ok(claimed)
    }

    /// One write over all that was there, then the blanks go.
    fn fill(mut self, bytes: &[u8]) -> io::Result<()> {
        let mut all = bytes.to_vec();
        all.resize(
            bytes.len().max(usize::try_from(self.bytes).unwrap_or(0)),
            b' ',
        );
        self.file.rewind()?;
        self.file.write_all(&all)?;
        self.bytes = bytes.len() as u64;
        atomic_file::sync(&self.file)
    }
}

impl Drop for Within {
    fn drop(&mut self) {
        let _ = self.file.set_len(self.bytes);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};
    use crate::hint::Invocation;

    fn places() -> (tempfile::TempDir, PathBuf, PathBuf) {
        let folder = tempfile::tempdir().expect("temporary folder");
        let path = folder.path().join("t.json");
        let kept = folder.path().join("t.json.new");
        (folder, path, kept)
    }

    #[test]
    fn room_within_a_file_leaves_it_readable_at_every_step() {
        let (_folder, path, kept) = places();
        for (old, new) in [("{\"a\": 1}", "{}"), ("{}", "{\"a\": 1}"), ("", "{}")] {
            fs::write(&path, old).expect("written");
            let claim = Claim::within(&path, kept.clone()).expect("claimed");
            assert_eq!(fs::read_to_string(&path).expect("there").trim(), old);
            drop(claim);
            assert_eq!(fs::read_to_string(&path).expect("there"), old);
            let claim = Claim::within(&path, kept.clone()).expect("claimed");
            claim.fill(new.as_bytes()).expect("filled");
            assert_eq!(fs::read_to_string(&path).expect("there"), new);
        }
        assert!(!kept.exists());
    }

    #[test]
    fn a_token_that_cannot_be_put_in_place_is_kept_and_named() {
        let (_folder, path, kept) = places();
        let claim = Claim::beside(&path, kept.clone()).expect("claimed");
        // Something comes into its way after the claim.
        fs::create_dir(&path).expect("a folder in the way");
        let error = claim.fill(b"{}").expect_err("refused");
        assert_eq!(error.exit(), Exit::Io);
        assert!(
            error
                .hint()
                .said(&Invocation::default())
                .contains("t.json.new"),
            "{}",
            error.hint().said(&Invocation::default())
        );
        assert_eq!(fs::read(&kept).expect("kept"), b"{}");
    }
}
