//! What the command line and the terminals say about printing. Pure.

/// When colours are used.
#[allow(
    clippy::doc_markdown,
    reason = "these comments are the help text, where backticks would show"
)]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What the command line and the terminals say about printing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Style {
    /// `-q`: errors and warnings only.
    pub quiet: bool,
    /// How many `-v`.
    pub verbose: u8,
    /// Standard error shows colours.
    pub color: bool,
    /// Standard error is a terminal, so progress may move.
    pub terminal: bool,
}

impl Style {
    /// Decides whether stderr is coloured.
    #[must_use]
    pub fn colored(color: Color, terminal: bool, no_color: bool, dumb: bool) -> bool {
        match color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => terminal && !no_color && !dumb,
        }
    }
}
