//! Every secret that the tests use, and the search for them in all that a run printed or left behind.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

/// The secret half of a Google client.
pub const CLIENT_SECRET: &str = "GOCSPX-test-client-secret-7Qm2";
/// The secret of a legacy Fitbit app.
pub const APP_SECRET: &str = "5e1f00dfeedbead5caffe1d0c0ffee42";
/// An authorization code of Google, with its slash.
pub const CODE: &str = "4/0AbTest-code_Zq81Lm-vvWx";
/// An authorization code of Fitbit.
pub const FITBIT_CODE: &str = "7b64c4b088b9c841d15bcac15d4aa7433d35af3e";
/// The access token of a fresh login.
pub const ACCESS: &str = "ya29.test-access-token-one-8Hn3kd";
/// The access token after one renewal.
pub const ACCESS_2: &str = "ya29.test-access-token-two-4Jw9xz";
/// The access token after two renewals.
pub const ACCESS_3: &str = "ya29.test-access-token-three-2Bv7qs";
/// The refresh token of a fresh login.
pub const REFRESH: &str = "1//05test-refresh-token-one-Kd83";
/// The refresh token after one renewal.
pub const REFRESH_2: &str = "1//05test-refresh-token-two-Pw47";
/// The refresh token after two renewals.
pub const REFRESH_3: &str = "1//05test-refresh-token-three-Lx15";

const ALL: [&str; 10] = [
    CLIENT_SECRET,
    APP_SECRET,
    CODE,
    FITBIT_CODE,
    ACCESS,
    ACCESS_2,
    ACCESS_3,
    REFRESH,
    REFRESH_2,
    REFRESH_3,
];

/// A secret in `bytes`, as it is, percent-encoded, or in a Basic header; `None` if there is none.
pub fn found_in(bytes: &[u8]) -> Option<&'static str> {
    static FORMS: LazyLock<Vec<(Vec<u8>, &str)>> = LazyLock::new(forms);
    // A wrapped line hides nothing.
    let joined: Vec<u8> = bytes
        .iter()
        .copied()
        .filter(|byte| !byte.is_ascii_whitespace())
        .collect();
    let mut begins = [false; 256];
    for (form, _) in FORMS.iter() {
        begins[usize::from(form[0])] = true;
    }
    let places = (0..joined.len()).filter(|at| begins[usize::from(joined[*at])]);
    places
        .flat_map(|at| FORMS.iter().map(move |form| (at, form)))
        .find(|(at, (form, _))| joined[*at..].starts_with(form))
        .map(|(_, (_, secret))| *secret)
}

/// Every secret in every form that it may have, beside the secret.
fn forms() -> Vec<(Vec<u8>, &'static str)> {
    ALL.into_iter()
        .flat_map(|secret| {
            let escaped: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            [secret.to_owned(), escaped, basic_part(secret)].map(|form| (form.into_bytes(), secret))
        })
        .collect()
}

/// What is inside the base64 of `id:secret`, wherever the id ends: the groups in the middle of the secret.
fn basic_part(secret: &str) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    // Six characters and a colon, as in a legacy client id: two letters of the secret complete the third group.
    let middle = secret.as_bytes().get(2..20).unwrap_or_default();
    let mut out = String::new();
    for group in middle.chunks_exact(3) {
        let bits = group
            .iter()
            .fold(0_u32, |bits, byte| bits << 8 | u32::from(*byte));
        for shift in [18, 12, 6, 0] {
            out.push(char::from(ALPHABET[(bits >> shift & 63) as usize]));
        }
    }
    out
}

/// Panics if a text that a run printed has a secret in it.
pub fn assert_none_in(what: &str, bytes: &[u8]) {
    if let Some(secret) = found_in(bytes) {
        let text = String::from_utf8_lossy(bytes).replace(secret, "<<SECRET>>");
        panic!("{what} shows a secret:\n{text}");
    }
}

/// Panics if a file below `folder` has a secret in its content or its name; `may` says which files may.
pub fn assert_none_below(folder: &Path, may: &dyn Fn(&Path) -> bool) {
    let Ok(entries) = fs::read_dir(folder) else {
        return;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        assert_none_in("a file's name", path.to_string_lossy().as_bytes());
        if path.is_dir() {
            assert_none_below(&path, may);
        } else if !may(&path) {
            let bytes = fs::read(&path).unwrap_or_default();
            assert_none_in(&path.display().to_string(), &bytes);
        }
    }
}

#[test]
fn the_search_finds_every_form_of_a_secret() {
    for text in [
        format!("code={CODE}&x"),
        "code=4%2F0AbTest-code_Zq81Lm-vvWx".to_owned(),
        format!("{}\n{}", &ACCESS[..9], &ACCESS[9..]),
        // printf '23ABCD:5e1f00dfeedbead5caffe1d0c0ffee42' | base64
        "Authorization: Basic MjNBQkNEOjVlMWYwMGRmZWVkYmVhZDVjYWZmZTFkMGMwZmZlZTQy".to_owned(),
    ] {
        assert!(found_in(text.as_bytes()).is_some(), "{text}");
    }
    assert_eq!(found_in(b"code=(redacted)"), None);
}
