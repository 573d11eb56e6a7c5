//! What the command line says about configuration.

use std::path::PathBuf;

/// It wins over the keys file.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// `--keys FILE`.
    pub keys: Option<PathBuf>,
    /// `--profile NAME`.
    pub profile: Option<String>,
    /// `--output-dir DIR`.
    pub output_dir: Option<PathBuf>,
    /// Where a keys file is looked for first: the current folder where it is empty.
    pub folder: PathBuf,
}
