//! Tables of cases for the configuration.

use super::*;
use crate::environment::Environment;
use crate::exit::Explain;
use crate::secret::Secret;
use std::fs;
use std::path::PathBuf;

fn environment() -> Environment {
    Environment {
        state_dir: Some(PathBuf::from("/state")),
        ..Environment::default()
    }
}

fn load_with(
    text: &str,
    profile: Option<&str>,
    environment: &Environment,
) -> Result<Settings, Error> {
    let folder = tempfile::tempdir().expect("temporary folder");
    let path = folder.path().join("keys.toml");
    fs::write(&path, text).expect("written");
    let client = r#"{"installed":{"client_id":"1-a.apps.googleusercontent.com","client_secret":"GOCSPX-abcdefgh"}}"#;
    fs::write(folder.path().join("client.json"), client).expect("written");
    let web = r#"{"web":{"client_id":"1-w.apps.googleusercontent.com","client_secret":"GOCSPX-abcdefgh",
        "redirect_uris":["https://a.example/","http://localhost:8080/cb"]}}"#;
    fs::write(folder.path().join("web.json"), web).expect("written");
    let overrides = Overrides {
        keys: Some(path),
        profile: profile.map(str::to_owned),
        output_dir: None,
        folder: PathBuf::new(),
    };
    Settings::load(&overrides, environment)
}

fn load(text: &str) -> Result<Settings, Error> {
    load_with(text, None, &environment())
}

#[test]
fn the_provider_follows_from_the_client_id() {
    for (text, provider, redirect) in [
        (
            "client_id = '1-a.apps.googleusercontent.com'",
            Provider::GOOGLE,
            "http://127.0.0.1:0/",
        ),
        (
            "client_id = '23ABCD'",
            Provider::Fitbit,
            "http://localhost:1410/",
        ),
        (
            "provider = 'fitbit'\nclient_id = 'unusual-id'",
            Provider::Fitbit,
            "http://localhost:1410/",
        ),
        ("", Provider::GOOGLE, "http://127.0.0.1:0/"),
        (
            "client_id='23ABCD'\nredirect_url='http://localhost:8080'",
            Provider::Fitbit,
            "http://localhost:8080",
        ),
    ] {
        let settings = load(text).expect("good");
        assert_eq!(
            (settings.provider, settings.redirect_url.as_str()),
            (provider, redirect),
            "{text}"
        );
    }
}

#[test]
fn a_wrong_file_is_named_with_its_line_or_field() {
    for (text, part) in [
        ("client_id = 'x'\n\nclientsecret = 'y'\n", "line 3"),
        ("client_id = \n", "line 1"),
        (
            "[endpoints]\napi = 'https://x.example'\ntokens = 'x'",
            "line 3",
        ),
        ("[profile.a]\nclient = 'x'", "line 2"),
        ("provider = 'garmin'", "provider"),
        (
            "provider = 'fitbit'\nclient_id = '1-a.apps.googleusercontent.com'",
            "provider",
        ),
        ("timezone = 'Mars/Olympus'", "timezone"),
        ("requests_per_second = 0.0", "requests_per_second"),
        ("requests_per_second = nan", "requests_per_second"),
        ("client_file = 'none.json'", "none.json"),
        ("client_id = '...'", "client_id"),
        ("endpoints.api = 'health.googleapis.com'", "endpoints.api"),
    ] {
        let error = load(text).expect_err(text);
        assert!(error.what().contains(part), "{text}: {}", error.what());
        assert_eq!(error.exit(), crate::exit::Exit::Config);
        assert!(!error.why().is_empty() && error.hint() != crate::hint::Hint::default());
    }
}

#[test]
fn the_downloaded_file_counts_like_the_two_fields() {
    let settings = load("client_file = 'client.json'").expect("good");
    assert_eq!(
        settings.client().expect("a client").id,
        "1-a.apps.googleusercontent.com"
    );
    assert_eq!(settings.redirect_url, "http://127.0.0.1:0/");
    let settings = load("client_file = 'web.json'").expect("good");
    assert_eq!(settings.redirect_url, "http://localhost:8080/cb");
}

#[test]
fn the_environment_overrides_the_file() {
    let environment = Environment {
        client_id: Some("23WXYZ".to_owned()),
        client_secret: Some(Secret::new("from-environment")),
        ..environment()
    };
    let settings = load_with("client_id = '23ABCD'", None, &environment).expect("good");
    let client = settings.client().expect("a client");
    assert_eq!(
        (
            client.id.as_str(),
            client.secret.as_ref().map(Secret::reveal)
        ),
        ("23WXYZ", Some("from-environment"))
    );
}

#[test]
fn a_profile_lies_over_the_rest() {
    let text = "client_id='23ABCD'\nclient_secret='s3cret'\noutput_dir='a'\n[profile.alice]\noutput_dir='b'\n[profile.bob]\nclient_id='23BBBB'\n";
    let alice = load_with(text, Some("alice"), &environment()).expect("good");
    assert_eq!(
        (alice.output_dir.to_str(), alice.archive.to_str()),
        (Some("b"), Some("b/archive"))
    );
    assert_eq!(
        alice
            .client()
            .expect("a client")
            .secret
            .as_ref()
            .map(Secret::reveal),
        Some("s3cret")
    );
    assert!(alice.token_path().ends_with("fitbit-alice.json"));
    let bob = load_with(text, Some("bob"), &environment()).expect("good");
    assert_eq!(bob.client().expect("a client").secret, None);
    let nobody = load_with(text, None, &environment()).expect("good");
    assert!(nobody.token_path().ends_with("fitbit-default.json"));
}

#[test]
fn a_google_client_needs_its_secret_and_a_personal_fitbit_app_does_not() {
    assert!(
        load("client_id = '1-a.apps.googleusercontent.com'")
            .expect("good")
            .client()
            .is_err()
    );
    assert!(load("client_id = '23ABCD'").expect("good").client().is_ok());
    assert!(load("").expect("good").client().is_err());
}

#[test]
fn a_redirect_url_is_taken_apart_but_never_rewritten() {
    let parse = |url: &str| Redirect::parse(url, None);
    let bare = parse("http://localhost:1410").expect("good");
    assert_eq!(
        (bare.url.as_str(), bare.port, bare.path.as_str()),
        ("http://localhost:1410", 1410, "/")
    );
    let any = parse("http://127.0.0.1:0/cb").expect("good").on_port(4321);
    assert_eq!(
        (any.url.as_str(), any.port),
        ("http://127.0.0.1:4321/cb", 4321)
    );
    assert_eq!(bare.on_port(9), bare);
    for url in [
        "https://localhost:1/",
        "http://example.com/",
        "http://localhost:1/?a=b",
        "localhost:1410",
        "http://0.0.0.0:1/",
    ] {
        assert!(parse(url).is_err(), "{url}");
    }
}

#[test]
fn commands_are_taken_only_from_a_file_that_is_meant() {
    let text = "client_id='23ABCD'\n[hooks]\ndone=['a']\nfailed=['b','c']\n[profile.x]\n[profile.x.hooks]\ndone=['d']\n";
    let settings = load_with(text, Some("x"), &environment()).expect("named");
    assert_eq!(settings.hooks.done, ["d"]);
    assert_eq!(settings.hooks.failed, ["b", "c"]);
    assert!(settings.hooks.stale.is_empty());
    assert!(load("[hooks]\ndone='a'").is_err() && load("[hooks]\nended=['a']").is_err());
}

#[test]
fn a_field_of_the_future_is_said_to_be_one() {
    let error = load("client_id='23ABCD'\nsmoke_signals=true").expect_err("unknown");
    assert!(
        error.what().contains("line 2")
            && error
                .hint()
                .said(&crate::hint::Invocation::default())
                .contains("newer version")
    );
}
