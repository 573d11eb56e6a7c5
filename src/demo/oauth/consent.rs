//! The pages that a person sees: the consent page and the error page. No script, nothing loaded, light and dark.

use super::scopes::Scope;
use crate::demo::exchange::escape_html;
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

const BANNER: &str = "<p class=\"demo\"><strong>This is a demo, not Google.</strong> fitbit-hr itself shows this page \
    in the place of Google\u{2019}s. No account is involved, and nothing leaves this computer.</p>\n";

fn document(title: &str, body: &str) -> String {
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title} \u{2013} fitbit-hr</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n{BANNER}{body}</main>\n</body>\n</html>\n"
    )
}

/// The consent page; its form brings `key` back to `action`.
pub fn page(action: &str, key: &str, scopes: &[&Scope]) -> String {
    let mut boxes = String::new();
    for (index, scope) in scopes.iter().enumerate() {
        let _ = writeln!(
            boxes,
            "<li><input type=\"checkbox\" id=\"scope-{index}\" name=\"scope\" value=\"{}\" checked>\
             <label for=\"scope-{index}\"><b>{}</b><span>{}</span></label></li>",
            scope.url(),
            scope.title,
            scope.detail
        );
    }
    let body = format!(
        "<h1>fitbit-hr wants access to a made\u{2011}up account</h1>\n\
         <p>Choose what it may read. It can change nothing.</p>\n\
         <form id=\"consent\" method=\"post\" action=\"{action}\">\n\
         <input type=\"hidden\" name=\"request\" value=\"{}\">\n\
         <ul>\n{boxes}</ul>\n\
         <p class=\"note\">Only the first is needed for heart rate; each of the others adds what its line says.</p>\n\
         <div class=\"buttons\">\n\
         <button id=\"deny\" name=\"decision\" value=\"deny\">Deny</button>\n\
         <button id=\"allow\" name=\"decision\" value=\"allow\" class=\"primary\">Allow</button>\n\
         </div>\n</form>\n",
        escape_html(key)
    );
    document("Demo sign-in", &body)
}

/// What Google shows where it cannot send the browser back.
pub fn error_page(status: u16, code: &str, message: &str) -> String {
    let body = format!(
        "<h1>Access blocked: authorization error</h1>\n<p>{}</p>\n<p class=\"note\">Error {status}: <code>{code}</code></p>\n",
        escape_html(message)
    );
    document("Access blocked", &body)
}
