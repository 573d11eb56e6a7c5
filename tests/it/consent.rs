//! The demo's consent page and the listener's own pages, in a real browser.

use crate::browser::Browser;
use crate::program::Home;
use std::fs;
use std::time::{Duration, Instant};

/// Starts a demo that sends its user to a real browser, and opens the page there.
fn on_the_consent_page(test: &str) -> Option<(Browser, Home, crate::program::Running)> {
    let browser = Browser::start(test)?;
    let home = Home::new();
    let run = home.start(["--demo-browser", "2017-06-01", "1min"]);
    let began = Instant::now();
    let address = loop {
        if let Some(address) = home.opened().first() {
            break address.clone();
        }
        assert!(
            began.elapsed() < Duration::from_mins(1),
            "no page was opened: {}",
            run.stderr()
        );
        std::thread::sleep(Duration::from_millis(20));
    };
    browser.open(&address);
    Some((browser, home, run))
}

#[test]
fn whoever_allows_has_the_files_and_is_told_so_in_the_browser() {
    let Some((browser, home, run)) = on_the_consent_page("the consent page") else {
        return;
    };
    assert!(
        browser.text("body").contains("demo"),
        "{}",
        browser.text("body")
    );
    browser.click("#allow");
    browser.wait_until("document.title.includes('fitbit-hr')");
    assert_eq!(browser.text("h1"), "Success");
    assert!(!browser.text("body").contains("code"));
    assert_eq!(browser.errors(), [""; 0]);
    run.finish().expect(0);
    assert!(
        home.read("demo_data/hr.csv")
            .starts_with("day,time,hr\n2017-06-01,00:00:00,")
    );
    assert!(fs::metadata(home.work("demo_data/hr.json")).is_ok());
}

#[test]
fn whoever_denies_is_told_so_in_both_places() {
    let Some((browser, home, run)) = on_the_consent_page("the consent page") else {
        return;
    };
    browser.click("#deny");
    browser.wait_until("document.title.includes('fitbit-hr')");
    assert_eq!(browser.text("h1"), "Not logged in");
    run.finish().expect(77).says(&["sent the login back"]);
    assert!(!home.work("demo_data").exists());
}
