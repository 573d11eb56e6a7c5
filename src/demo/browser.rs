//! Plays the browser of a login: opens the consent page, ticks every box, allows, and follows the redirect.

use std::io;
use std::thread;
use std::time::Duration;
use url::Url;

const PATIENCE: Duration = Duration::from_secs(10);

/// Gives consent on a thread of its own, as a browser would, so that the caller can wait for the redirect.
///
/// What goes wrong is known by the redirect that does not come.
///
/// # Errors
/// Fails when the system has no thread left.
pub fn consent_in_background(authorize_url: &Url) -> io::Result<()> {
    let url = authorize_url.clone();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    thread::Builder::new()
        .name("demo-browser".to_owned())
        .spawn(move || runtime.block_on(consent(&url)))
        .map(drop)
}

/// Gives consent; `None` when a page does not answer in ten seconds or is not what it should be.
async fn consent(authorize_url: &Url) -> Option<()> {
    // A second call finds the provider in place, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .no_proxy()
        // The stand-in speaks plain HTTP: a machine without certificates has it all the same.
        .tls_certs_only([])
        .timeout(PATIENCE)
        .build()
        .ok()?;
    let page = client.get(authorize_url.clone()).send().await.ok()?;
    let (action, fields) = consent_form(&page.text().await.ok()?)?;
    let action = authorize_url.join(&action).ok()?;
    client.post(action).form(&fields).send().await.ok()?;
    Some(())
}

type Form = (String, Vec<(String, String)>);

/// Where the page's form goes, and its fields with every box ticked and the answer "allow".
fn consent_form(page: &str) -> Option<Form> {
    let (_, form) = page.split_once("<form ")?;
    let (form, _) = form.split_once("</form>")?;
    let action = attribute(form, "action")?;
    let mut fields = form
        .split("<input ")
        .skip(1)
        .map(|tag| Some((attribute(tag, "name")?, attribute(tag, "value")?)))
        .collect::<Option<Vec<_>>>()?;
    fields.push(("decision".to_owned(), "allow".to_owned()));
    Some((action, fields))
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, value) = tag.split_once(&format!("{name}=\""))?;
    let (value, _) = value.split_once('"')?;
    Some(value.replace("&amp;", "&"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_of_the_form_is_sent() {
        let page = "<p><form id=\"c\" method=\"post\" action=\"/go\">\
            <input type=\"hidden\" name=\"request\" value=\"k/1\">\
            <input type=\"checkbox\" name=\"scope\" value=\"a b\" checked><label>x</label></form>\
            <input name=\"other\" value=\"no\">";
        let fields = [("request", "k/1"), ("scope", "a b"), ("decision", "allow")];
        let fields = fields.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(consent_form(page), Some(("/go".to_owned(), fields.into())));
        assert_eq!(consent_form("<p>Access blocked"), None);
    }
}
