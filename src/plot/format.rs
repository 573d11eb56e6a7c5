//! What pictures are written as.

/// What a picture is written as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// Scalable vector graphics, light and dark.
    Svg,
    /// A bitmap at twice the usual density.
    Png,
    /// One page that works offline.
    Html,
    /// Text for a terminal.
    Term,
}

impl Format {
    /// The name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
            Self::Html => "html",
            Self::Term => "term",
        }
    }

    /// The format that a file's extension stands for, in any case.
    #[must_use]
    pub fn of_extension(extension: &str) -> Option<Self> {
        match extension.to_ascii_lowercase().as_str() {
            "svg" => Some(Self::Svg),
            "png" => Some(Self::Png),
            "html" | "htm" => Some(Self::Html),
            "txt" => Some(Self::Term),
            _ => None,
        }
    }
}
