//! A keys file that takes its client from a downloaded file: a new one, or one that is there and stays as it is otherwise. Pure.

use toml::{Table, Value};

/// The one that explains every field.
const EXAMPLE: &str = include_str!("../../../keys.example.toml");
/// What names a client; the downloaded file stands for all of it.
const CLIENT: [&str; 3] = ["client_id", "client_secret", "client_file"];

/// A commented keys file with this client file.
pub(super) fn new(client_file: &str) -> Option<String> {
    with_client(EXAMPLE, client_file, None)
}

/// The text with this client file instead of whatever client it names, which stays as a comment; for a profile, in its table.
/// `None` for a text that cannot be changed line by line with certainty.
pub(super) fn with_client(text: &str, client_file: &str, profile: Option<&str>) -> Option<String> {
    let meant = meant(text, client_file, profile)?;
    if text.parse::<Table>().ok()? == meant {
        return Some(text.to_owned());
    }
    let line = format!("client_file = {}", Value::from(client_file));
    let header = profile.map(|name| format!("[profile.{name}]"));
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let is_header = |line: &String| line.trim_start().starts_with('[');
    let begins = match &header {
        None => 0,
        Some(header) => {
            if let Some(at) = lines.iter().position(|line| line.trim() == header) {
                at + 1
            } else {
                lines.extend([String::new(), header.clone()]);
                lines.len()
            }
        }
    };
    let length = lines[begins..].iter().position(is_header);
    let ends = length.map_or(lines.len(), |length| begins + length);
    let mut place = None;
    for (at, old) in lines.iter_mut().enumerate().take(ends).skip(begins) {
        let key = old.split('=').next().unwrap_or_default().trim();
        if CLIENT.contains(&key) {
            old.insert(0, '#');
            place = Some(at + 1);
        } else if key == "#client_file" {
            // The place that the example has for it.
            place = Some(at + 1);
        }
    }
    lines.insert(place.unwrap_or(begins), line);
    let changed = lines.join("\n") + "\n";
    (changed.parse::<Table>().ok()? == meant).then_some(changed)
}

/// What the changed text has to say.
fn meant(text: &str, client_file: &str, profile: Option<&str>) -> Option<Table> {
    let mut table: Table = text.parse().ok()?;
    let part = match profile {
        None => &mut table,
        Some(name) => {
            let profiles = table.entry("profile").or_insert(Table::new().into());
            let profiles = profiles.as_table_mut()?;
            let own = profiles.entry(name).or_insert(Table::new().into());
            own.as_table_mut()?
        }
    };
    for key in CLIENT {
        part.remove(key);
    }
    part.insert("client_file".to_owned(), client_file.into());
    Some(table)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_takes_the_place_of_the_one_that_was_there() {
        for (before, after) in [
            ("", "client_file = \"c.json\"\n"),
            (
                "# mine\ntimezone = \"UTC\"\n\n[endpoints]\napi = \"http://x\"\n",
                "client_file = \"c.json\"\n# mine\ntimezone = \"UTC\"\n\n[endpoints]\napi = \"http://x\"\n",
            ),
            (
                "client_id = \"...\"\nclient_secret=\"...\"\nextracts = [\"all\"]\n",
                "#client_id = \"...\"\n#client_secret=\"...\"\nclient_file = \"c.json\"\nextracts = [\"all\"]\n",
            ),
            (
                "client_file = \"old.json\"\n[profile.bob]\nclient_id = \"b\"\n",
                "#client_file = \"old.json\"\nclient_file = \"c.json\"\n[profile.bob]\nclient_id = \"b\"\n",
            ),
        ] {
            assert_eq!(with_client(before, "c.json", None).as_deref(), Some(after));
            assert_eq!(with_client(after, "c.json", None).as_deref(), Some(after));
        }
    }

    #[test]
    fn a_profile_has_its_own_table() {
        for (before, after) in [
            (
                "client_file = \"a.json\"\n",
                "client_file = \"a.json\"\n\n[profile.bob]\nclient_file = \"b.json\"\n",
            ),
            (
                "[profile.bob]\ntimezone = \"UTC\"\n[hooks]\n",
                "[profile.bob]\nclient_file = \"b.json\"\ntimezone = \"UTC\"\n[hooks]\n",
            ),
        ] {
            let changed = with_client(before, "b.json", Some("bob"));
            assert_eq!(changed.as_deref(), Some(after));
        }
    }

    #[test]
    fn what_cannot_be_changed_with_certainty_is_left_alone() {
        for text in ["client_id = ", "profile.bob = { client_id = \"x\" }\n"] {
            assert_eq!(with_client(text, "c.json", Some("bob")), None, "{text}");
        }
        let odd = "timezone = '''\nclient_id = 5\n'''\n";
        assert_eq!(with_client(odd, "c.json", None), None);
    }

    #[test]
    fn a_new_one_explains_every_field() {
        let text = new("C:\\Users\\me\\client \"1\".json").expect("the example can be changed");
        assert!(text.lines().count() >= EXAMPLE.lines().count());
        let table: Table = text.parse().expect("TOML");
        assert_eq!(table.keys().collect::<Vec<_>>(), ["client_file"]);
    }
}
