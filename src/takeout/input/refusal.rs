//! Why the bytes of a file could not be had, and what helps.

use std::io;

/// What helps.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Remedy {
    /// The export may be damaged.
    #[default]
    Download,
    /// The permissions of a file or folder.
    Permissions,
    /// The file is elsewhere; the problem says how to get it.
    Fetch,
    /// Another program can unpack it.
    Unpack,
    /// More files may be open at once.
    OpenFiles,
    /// It is the archive's own file; the problem says what to do.
    Archive,
}

impl Remedy {
    /// The input is not there, or may not be read: nothing is wrong with its bytes.
    #[must_use]
    pub const fn is_no_input(self) -> bool {
        matches!(self, Self::Permissions | Self::Fetch | Self::OpenFiles)
    }

    /// What to do, in words; nothing where the problem itself says it.
    #[must_use]
    pub const fn hint(self) -> &'static str {
        match self {
            Self::Download => "download the export again if it is damaged; ",
            Self::Permissions => "check the permissions, then import again; ",
            Self::Unpack => "unpack the archive, then import the folder; ",
            Self::OpenFiles => "let more files be open at once (ulimit -n); ",
            Self::Fetch | Self::Archive => "",
        }
    }
}

/// Why the bytes of a file could not be had.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// Bytes from the start of the archive or file, where that helps.
    pub offset: Option<u64>,
    /// What is wrong, in one line.
    pub problem: String,
    /// What helps.
    pub remedy: Remedy,
}

impl Refusal {
    /// A refusal without a place.
    pub fn new(problem: impl Into<String>) -> Self {
        Self {
            offset: None,
            problem: problem.into(),
            remedy: Remedy::default(),
        }
    }

    /// A refusal at a place.
    pub fn at(offset: u64, problem: impl Into<String>) -> Self {
        Self {
            offset: Some(offset),
            ..Self::new(problem)
        }
    }

    /// With another remedy.
    #[must_use]
    pub fn with(self, remedy: Remedy) -> Self {
        Self { remedy, ..self }
    }

    /// A file that is larger than any honest one of its kind.
    #[must_use]
    pub fn too_large(bytes: u64, most: u64) -> Self {
        Self::new(format!(
            "it has {bytes} bytes, an honest file of its kind at most {most}"
        ))
    }
}

/// What systems answer where a process, or all of them, have too many files open.
const TOO_MANY_OPEN: [i32; 2] = [23, 24];

impl std::convert::From<io::Error> for Refusal {
    fn from(error: io::Error) -> Self {
        let too_many = error
            .raw_os_error()
            .is_some_and(|code| TOO_MANY_OPEN.contains(&code));
        let is = |kind| error.kind() == kind;
        let remedy = if is(io::ErrorKind::PermissionDenied) {
            Remedy::Permissions
        } else if is(io::ErrorKind::NotFound) || is(io::ErrorKind::Unsupported) {
            Remedy::Fetch
        } else if too_many {
            Remedy::OpenFiles
        } else {
            Remedy::Download
        };
        Self::new(error.to_string()).with(remedy)
    }
}
