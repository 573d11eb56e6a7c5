//! Which file of the sources imports which: a name is followed through re-exports to the file that holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file as the path of its module.
pub(super) type Module = Vec<String>;

/// All files, by their modules.
pub(super) struct Files(BTreeMap<Module, File>);

struct File {
    /// What its `use` lines bring in: a name, and the path behind it.
    names: BTreeMap<String, String>,
    /// Every path that it uses; what a folder only re-exports is no use of it.
    paths: Vec<String>,
}

impl Files {
    pub(super) fn of(sources: &[(std::path::PathBuf, String)]) -> Self {
        let file = |(path, text): &(std::path::PathBuf, String)| {
            let (uses, rest) = parted(&without_tests(text));
            let folder = path.with_extension("");
            let has_rooms = sources.iter().any(|(other, _)| other.starts_with(&folder));
            let is_folder = path.ends_with("mod.rs") || has_rooms;
            let mut file = File {
                names: BTreeMap::new(),
                paths: inline_paths(&rest),
            };
            for (is_public, tree) in uses {
                for (path, name) in expanded(&tree) {
                    if !(is_public && is_folder) {
                        file.paths.push(path.clone());
                    }
                    file.names.insert(name, path);
                }
            }
            (module(path), file)
        };
        let is_product = |(path, _): &&(std::path::PathBuf, String)| {
            let is_tests = path
                .iter()
                .any(|part| part.to_string_lossy().contains("tests"));
            !is_tests && !path.ends_with("lib.rs") && !path.ends_with("main.rs")
        };
        Self(sources.iter().filter(is_product).map(file).collect())
    }

    /// The files that a file imports.
    pub(super) fn imports(&self, of: &Module) -> BTreeSet<Module> {
        let file = &self.0[of];
        let found = file.paths.iter();
        let found = found.filter_map(|path| self.home(of, path, &mut BTreeSet::new()));
        found.filter(|found| found != of).collect()
    }

    /// The imports that lead back to where they start from.
    pub(super) fn circles(&self) -> Vec<String> {
        let edges: BTreeMap<&Module, BTreeSet<Module>> =
            self.0.keys().map(|of| (of, self.imports(of))).collect();
        let leads_back = |from: &Module, to: &Module| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![to]);
            while let Some(at) = open.pop() {
                if at == from {
                    return true;
                }
                if seen.insert(at) {
                    open.extend(&edges[at]);
                }
            }
            false
        };
        let all = edges
            .iter()
            .flat_map(|(from, all)| all.iter().map(|to| (*from, to)));
        all.filter(|(from, to)| leads_back(from, to))
            .map(|(from, to)| format!("{} imports {}", from.join("/"), to.join("/")))
            .collect()
    }

    /// The file that holds what a path names.
    fn home(
        &self,
        from: &Module,
        path: &str,
        seen: &mut BTreeSet<(Module, String)>,
    ) -> Option<Module> {
        if !seen.insert((from.clone(), path.to_owned())) {
            return None;
        }
        let mut parts = path.split("::").peekable();
        let mut at = from.clone();
        match parts.peek().copied() {
            Some("crate") => {
                at.clear();
                parts.next();
            }
            Some("self") => {
                parts.next();
            }
            Some("super") => {
                while parts.next_if_eq(&"super").is_some() {
                    at.pop();
                }
            }
            Some(name)
                if self.0.contains_key(&below(&at, name)) || from != &module(Path::new("")) => {}
            _ => return None,
        }
        let mut is_inside = false;
        while let Some(name) = parts.peek() {
            let child = below(&at, name);
            if !self.0.contains_key(&child) {
                break;
            }
            at = child;
            is_inside = true;
            parts.next();
        }
        let starts_here =
            path.starts_with("crate") || path.starts_with("super") || path.starts_with("self");
        let file = self.0.get(&at).filter(|_| is_inside || starts_here)?;
        let rest: Vec<&str> = parts.collect();
        let behind = rest
            .first()
            .and_then(|name| file.names.get(*name))
            .and_then(|path| {
                let path = [&[path.as_str()], rest.get(1..).unwrap_or_default()]
                    .concat()
                    .join("::");
                self.home(&at, &path, seen)
            });
        behind.or(Some(at))
    }
}

fn below(module: &Module, name: &str) -> Module {
    module.iter().cloned().chain([name.to_owned()]).collect()
}

/// `a/b/mod.rs` and `a/b.rs` are both `a::b`.
fn module(path: &Path) -> Module {
    let parts = path.with_extension("");
    let parts = parts.iter().map(|part| part.to_string_lossy().into_owned());
    parts.filter(|part| part != "mod").collect()
}

/// What is before a module of tests, without comments.
fn without_tests(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let is_tests = |at: usize| {
        let gate = lines[at].starts_with("#[cfg(") && lines[at].contains("test");
        gate && lines
            .get(at + 1)
            .is_some_and(|next| next.contains("mod ") && next.ends_with('{'))
    };
    let end = (0..lines.len())
        .find(|&at| is_tests(at))
        .unwrap_or(lines.len());
    let code = lines[..end]
        .iter()
        .filter(|line| !line.trim_start().starts_with("//"));
    code.fold(String::new(), |all, line| all + line + "\n")
}

/// The trees of all `use` statements, with whether they are public, and the text without them.
fn parted(text: &str) -> (Vec<(bool, String)>, String) {
    let (mut uses, mut rest) = (Vec::new(), String::new());
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let code = line.trim_start();
        let tree = code.strip_prefix("use ").map(|tree| (false, tree));
        let public = || code.starts_with("pub").then(|| code.split_once(" use "))?;
        let Some((is_public, tree)) = tree.or_else(|| public().map(|(_, tree)| (true, tree)))
        else {
            rest.push_str(line);
            rest.push('\n');
            continue;
        };
        let mut tree = tree.to_owned();
        while !tree.contains(';') {
            tree.push_str(lines.next().unwrap_or(";").trim());
        }
        uses.push((is_public, tree.trim_end_matches(';').to_owned()));
    }
    (uses, rest)
}

/// `a::{b, c as d}` as the paths and the names that it brings in.
fn expanded(tree: &str) -> Vec<(String, String)> {
    let tree = tree.trim();
    let Some((before, list)) = tree.split_once('{') else {
        let (path, name) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path = path.strip_suffix("::self").unwrap_or(path);
        let last = path.rsplit("::").next().unwrap_or(path);
        let name = if name.is_empty() { last } else { name };
        return vec![(path.to_owned(), name.to_owned())];
    };
    let (mut depth, mut item, mut items) = (0, String::new(), Vec::new());
    for c in list.chars() {
        match c {
            '}' if depth == 0 => break,
            ',' if depth == 0 => {
                items.push(std::mem::take(&mut item));
                continue;
            }
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        item.push(c);
    }
    items.push(item);
    let items = items.iter().filter(|item| !item.trim().is_empty());
    items
        .flat_map(|item| expanded(&format!("{before}{}", item.trim())))
        .collect()
}

/// Paths in the midst of code: `super::a::b`, `child::c`.
fn inline_paths(text: &str) -> Vec<String> {
    let is_word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == ':';
    let words = text
        .split(|c| !is_word(c))
        .map(|word| word.trim_matches(':'));
    let is_path =
        |word: &&str| word.contains("::") && word.starts_with(|c: char| c.is_ascii_lowercase());
    let paths = words.filter(is_path);
    let is_whole = |word: &&str| !word.ends_with("super") && !word.ends_with("crate");
    paths.filter(is_whole).map(str::to_owned).collect()
}

#[test]
fn a_name_leads_to_the_file_that_holds_it() {
    let sources = [
        (
            "a/mod.rs",
            "mod b;\npub mod c;\npub use b::{B, Other as Too};\nuse c::C;\n",
        ),
        ("a/b.rs", "use super::c;\nstruct B(c::C);\n"),
        (
            "a/c.rs",
            "use crate::{\n    a::{B, Too},\n    d,\n};\n#[cfg(test)]\nmod tests {\n    use crate::e::E;\n}\n",
        ),
        ("d.rs", "//! crate::a\nfn d() { crate::e::E::new(); }\n"),
        ("e.rs", "use std::fs;\n"),
    ];
    let sources = sources.map(|(path, text)| (path.into(), text.to_owned()));
    let files = Files::of(&sources);
    let imports = |of: &str| {
        let found = files.imports(&module(Path::new(of)));
        found
            .iter()
            .map(|found| found.join("/"))
            .collect::<Vec<_>>()
    };
    assert_eq!(imports("a/mod.rs"), ["a/c"]);
    assert_eq!(imports("a/b.rs"), ["a/c"]);
    assert_eq!(imports("a/c.rs"), ["a/b", "d"]);
    assert_eq!(imports("d.rs"), ["e"]);
    assert_eq!(imports("e.rs"), Vec::<String>::new());
    assert_eq!(files.circles(), ["a/b imports a/c", "a/c imports a/b"]);
}
