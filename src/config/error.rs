//! What can be wrong with the configuration; always exit code 78.

use crate::exit::{Exit, Explain};
use crate::hint::Hint;
use std::io;
use std::path::{Path, PathBuf};

/// A keys file that is missing or wrong.
#[derive(Debug)]
pub enum Error {
    /// Nothing names a client.
    NoClient {
        /// The keys file in use, which has no client.
        keys_file: Option<PathBuf>,
        /// Where one was looked for.
        looked_in: Vec<PathBuf>,
    },
    /// The file is there by name but cannot be read.
    Unreadable {
        /// The keys file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// Not TOML, or a field that does not exist.
    Syntax {
        /// The keys file.
        path: PathBuf,
        /// From 1.
        line: usize,
        /// What is wrong there.
        problem: String,
    },
    /// A field whose value makes no sense.
    Value {
        /// The keys file; empty where the value came from elsewhere.
        path: PathBuf,
        /// The field's name.
        field: String,
        /// What is wrong.
        problem: String,
        /// What to write instead.
        hint: String,
    },
    /// The file named by `client_file`.
    ClientFile {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A file that was downloaded to become the client file.
    Download {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
}

impl Error {
    pub(crate) fn value(path: &Path, field: &str, problem: &str, hint: &str) -> Self {
        Self::Value {
            path: path.to_owned(),
            field: field.to_owned(),
            problem: problem.to_owned(),
            hint: hint.to_owned(),
        }
    }
}

impl Explain for Error {
    fn what(&self) -> String {
        match self {
            Self::NoClient {
                keys_file: None, ..
            } => "could not find a keys file".to_owned(),
            Self::NoClient {
                keys_file: Some(path),
                ..
            } => format!("could not find a client in {}", path.display()),
            Self::Unreadable { path, .. } => {
                format!("could not read the keys file {}", path.display())
            }
            Self::Syntax { path, line, .. } => format!(
                "could not understand the keys file {}, line {line}",
                path.display()
            ),
            Self::Value { path, field, .. } if path.as_os_str().is_empty() => {
                format!("could not use the setting {field}")
            }
            Self::Value { path, field, .. } => {
                format!("could not use {field} in the keys file {}", path.display())
            }
            Self::ClientFile { path, .. } => {
                format!("could not read the client file {}", path.display())
            }
            Self::Download { path, .. } => {
                format!("could not use {} as the client", path.display())
            }
        }
    }

    fn why(&self) -> String {
        match self {
            Self::NoClient {
                keys_file: None,
                looked_in,
            } => {
                let places: Vec<_> = looked_in
                    .iter()
                    .map(|path| path.display().to_string())
                    .collect();
                format!("looked for {}", places.join(" and "))
            }
            Self::NoClient { .. } => {
                "it has neither client_id and client_secret nor client_file".to_owned()
            }
            Self::Unreadable { cause, .. } => cause.to_string(),
            Self::Syntax { problem, .. }
            | Self::Value { problem, .. }
            | Self::ClientFile { problem, .. }
            | Self::Download { problem, .. } => problem.clone(),
        }
    }

    fn hint(&self) -> Hint {
        match self {
            Self::NoClient { .. } => {
                Hint::from("let ")
                    .command("setup")
                    .and(" lead you there (ten minutes, once), copy keys.example.toml to keys.toml and fill it in, or try it without an account: fitbit-hr --demo")
            }
            Self::Unreadable { .. } => "name an existing file with --keys FILE or FITBIT_HR_KEYS".into(),
            Self::Syntax { problem, .. } if problem.contains("unknown field") => {
                "correct that line, or update fitbit-hr: a newer version may know the field".into()
            }
            Self::Syntax { .. } => "correct that line; keys.example.toml explains every field".into(),
            Self::Value { hint, .. } => hint.clone().into(),
            Self::ClientFile { .. } => {
                "download it again at https://console.cloud.google.com/auth/clients, or correct client_file".into()
            }
            Self::Download { .. } => {
                Hint::from("make a client of type Desktop app at https://console.cloud.google.com/auth/clients, press Download JSON, then run ")
                    .command("setup")
                    .and(" again")
            }
        }
    }

    fn exit(&self) -> Exit {
        Exit::Config
    }
}
