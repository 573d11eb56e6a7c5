//! No file and no function grows beyond what a reader takes in at once.

use std::path::Path;

/// The most lines of a file, and of a function of the product.
pub(super) const FILE: usize = 400;
pub(super) const FUNCTION: usize = 60;

/// Functions with more lines, by the name and the number of lines: name and reason stand where they are listed.
pub(super) fn long_functions(path: &Path, text: &str) -> Vec<(String, usize)> {
    if path
        .iter()
        .any(|part| part.to_string_lossy().contains("tests"))
    {
        return Vec::new();
    }
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if line.starts_with("#[cfg(")
            && line.contains("test")
            && lines.get(at + 1).is_some_and(|next| next.ends_with('{'))
        {
            break;
        }
        let code = line.trim_start();
        let indent = &line[..line.len() - code.len()];
        let Some(name) = name_of_function(code) else {
            continue;
        };
        let end = format!("{indent}}}");
        let length = lines[at..].iter().position(|line| {
            *line == end
                || line.ends_with(';') && line.starts_with(indent) && line.trim_start() == code
        });
        found.extend(
            length
                .map(|length| (name, length + 1))
                .filter(|(_, length)| *length > FUNCTION),
        );
    }
    found
}

/// The name in `pub(super) async fn name<T>(...)`.
fn name_of_function(code: &str) -> Option<String> {
    let (before, behind) = code.split_once("fn ")?;
    let words = ["pub", "pub(super)", "pub(crate)", "async", "const"];
    let is_head = before.split_whitespace().all(|word| words.contains(&word));
    let name = behind.split(['(', '<']).next()?;
    is_head.then(|| name.to_owned())
}

#[test]
fn a_function_is_measured_from_its_name_to_its_brace() {
    let body = "        x();\n".repeat(60);
    let text = format!(
        "impl A {{\n    pub(super) async fn long<T>(a: T) {{\n{body}    }}\n    fn short(&self);\n    fn also_short() {{\n    }}\n}}\n"
    );
    assert_eq!(
        long_functions(Path::new("a.rs"), &text),
        [("long".to_owned(), 62)]
    );
    let tests = format!("#[cfg(test)]\nmod tests {{\n{text}}}\n");
    assert_eq!(long_functions(Path::new("a.rs"), &tests), []);
}
