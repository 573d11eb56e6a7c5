//! The user's crontab: bytes of other people's lines with one of ours among them.

use super::error::Error;
use std::io::{self, Write};
use std::process::{Command, Stdio};

/// What `crontab -l` says where there is none yet: that of Debian, BSD and macOS, and that of busybox.
const NONE: [&str; 2] = ["no crontab for", "No such file"];

/// The crontab; empty where there is none, or no cron.
///
/// # Errors
/// Fails when the system does not let it be read.
pub(super) fn read() -> Result<Vec<u8>, Error> {
    let words = ["crontab", "-l"].map(str::to_owned);
    let output = Command::new(&words[0])
        .arg(&words[1])
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .output();
    match output {
        Err(cause) if cause.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(cause) => Err(Error::command(&words, &cause.to_string())),
        Ok(output) if output.status.success() => Ok(output.stdout),
        Ok(output) => {
            let said = String::from_utf8_lossy(&output.stderr);
            if NONE.iter().any(|none| said.contains(none)) {
                Ok(Vec::new())
            } else {
                Err(Error::command(&words, &said))
            }
        }
    }
}

/// Puts these bytes in the place of the crontab; nothing at all takes it away.
///
/// # Errors
/// Fails when the system does not take them.
pub(super) fn write(bytes: &[u8]) -> Result<(), Error> {
    let words = ["crontab", if bytes.is_empty() { "-r" } else { "-" }].map(str::to_owned);
    let failed = |cause: io::Error| Error::command(&words, &cause.to_string());
    let mut child = Command::new(&words[0])
        .arg(&words[1])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    let written = child
        .stdin
        .take()
        .map_or(Ok(()), |mut stdin| stdin.write_all(bytes));
    let output = child.wait_with_output().map_err(failed)?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        return Err(Error::command(&words, &said));
    }
    if bytes.is_empty() {
        return Ok(());
    }
    written.map_err(failed)
}

/// Whether a line is one of these: its command begins with the first, and it ends with the second.
pub(super) fn is_ours(line: &[u8], marks: &[(String, String)]) -> bool {
    let line = line.trim_ascii_end();
    // Minute, hour, day, month and weekday stand before the command.
    let command = line.splitn(6, |byte| *byte == b' ').nth(5).unwrap_or(line);
    marks.iter().any(|(begins, ends)| {
        line.ends_with(ends.as_bytes()) && command.starts_with(begins.as_bytes())
    })
}

/// The crontab without our lines, each of the others as it is and ended.
pub(super) fn without(crontab: &[u8], marks: &[(String, String)]) -> Vec<u8> {
    let mut kept = Vec::new();
    for line in crontab.split_inclusive(|byte| *byte == b'\n') {
        if !is_ours(line, marks) {
            kept.extend_from_slice(line);
        }
    }
    if kept.last().is_some_and(|last| *last != b'\n') {
        kept.push(b'\n');
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_our_own_lines_are_taken_out_of_a_crontab() {
        let marks = [
            (String::new(), "# fitbit-hr-sync-1a2b3c4d".to_owned()),
            ("cd /a && ".to_owned(), "# fitbit-hr-sync".to_owned()),
        ];
        let crontab = b"MAILTO=M\xfcller\r\n0 1 * * * backup\n30 7 * * * cd /a && x # fitbit-hr-sync\n\
            30 7 * * * cd /b && x # fitbit-hr-sync\n5 5 * * * x # fitbit-hr-sync-1a2b3c4d \n1 1 * * * y # fitbit-hr-sync-alice";
        let kept = b"MAILTO=M\xfcller\r\n0 1 * * * backup\n30 7 * * * cd /b && x # fitbit-hr-sync\n1 1 * * * y # fitbit-hr-sync-alice\n";
        assert_eq!(without(crontab, &marks), kept);
        assert_eq!(without(b"", &marks), b"");
    }
}
