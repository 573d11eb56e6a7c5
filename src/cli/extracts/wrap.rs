//! Words in lines of a width.

/// The text in lines of at most `width` characters; a longer word has a line of its own.
pub(super) fn lines(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// The same as one text, each line after `indent` blanks.
pub(super) fn indented(text: &str, indent: usize, width: usize) -> String {
    let margin = " ".repeat(indent);
    let lines = lines(text, width - indent);
    let lines: Vec<_> = lines.iter().map(|line| format!("{margin}{line}")).collect();
    lines.join("\n")
}
