//! Whether a file is a mount point of its own, as in a container that was given one file: a rename onto it is refused (EBUSY),
//! so it has to be written in place. Source: `proc_pid_mountinfo(5)`.

use std::fs;
use std::path::Path;

/// The file itself is mounted. Always false where the system has no `/proc`.
pub(super) fn is_mounted_alone(path: &Path) -> bool {
    let Ok(path) = fs::canonicalize(path) else {
        return false;
    };
    fs::read("/proc/self/mountinfo")
        .is_ok_and(|table| is_mount_point(&table, path.as_os_str().as_encoded_bytes()))
}

/// The fifth field of a line is the mount point.
fn is_mount_point(table: &[u8], path: &[u8]) -> bool {
    table
        .split(|byte| *byte == b'\n')
        .filter_map(|line| line.split(|byte| *byte == b' ').nth(4))
        .any(|point| unescaped(point) == path)
}

/// Blanks, tabs, line breaks and backslashes stand as three octal digits after a backslash.
fn unescaped(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, more)) = rest.split_first() {
        let code = more
            .get(..3)
            .filter(|_| *first == b'\\')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 8).ok());
        out.push(code.unwrap_or(*first));
        rest = if code.is_some() { &more[3..] } else { more };
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mount_point_is_found_in_the_table_by_its_whole_name() {
        let table = b"22 1 0:20 / / rw - overlay overlay rw\n\
            36 22 8:1 /host/t.json /state/google-default.json rw,relatime - ext4 /dev/sda1 rw\n\
            37 22 8:1 /x /my\\040state/back\\134slash.json rw - ext4 /dev/sda1 rw\n";
        for (path, is) in [
            ("/state/google-default.json", true),
            ("/my state/back\\slash.json", true),
            ("/state/google-default.jso", false),
            ("/state", false),
            ("/host/t.json", false),
            ("", false),
        ] {
            assert_eq!(is_mount_point(table, path.as_bytes()), is, "{path}");
        }
    }
}
