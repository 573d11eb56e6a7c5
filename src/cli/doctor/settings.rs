//! Checks of what is configured: the keys file, the registered app, the way back from the browser.

use super::check::Check;
use crate::cli::context::Context;
use crate::config::{self, LEGACY_CUT_OFF, Provider, Redirect, service_name};
use crate::exit::Exit;
use crate::oauth::{self, listener::Listener};

/// `keys`, `provider`, `client`, `redirect` and `port`.
pub(super) fn checks(context: &Context) -> Vec<Check> {
    if let Some(error) = &context.settings_error {
        return vec![Check::from_error("keys", error)];
    }
    let settings = &context.settings;
    let redirect = Redirect::parse(&settings.redirect_url, settings.keys_file.as_deref());
    let mut checks = client(context);
    checks.extend([
        provider(context),
        redirect_check(settings.provider, &redirect),
    ]);
    checks.extend(redirect.ok().map(|redirect| port(&redirect)));
    checks
}

fn client(context: &Context) -> Vec<Check> {
    let settings = &context.settings;
    let keys = || match &settings.keys_file {
        Some(path) => Check::good("keys", path.display().to_string()),
        None if context.demo.is_some() => Check::good("keys", "none needed for the demo"),
        None => Check::good("keys", "none; the client comes from the environment"),
    };
    match settings.client() {
        Ok(client) => {
            let kind = if client.secret.is_some() {
                "with its secret"
            } else {
                "without a secret"
            };
            vec![
                keys(),
                Check::good("client", format!("{}, {kind}", client.id)),
            ]
        }
        Err(
            error @ config::Error::NoClient {
                keys_file: None, ..
            },
        ) => {
            vec![Check::from_error("keys", &error)]
        }
        Err(error) => vec![keys(), Check::from_error("client", &error)],
    }
}

fn provider(context: &Context) -> Check {
    let settings = &context.settings;
    let client = settings.configured_client.as_ref();
    let by = match client.and_then(|client| config::provider_of(&client.id)) {
        Some(_) if context.demo.is_none() => ", by the form of the client id",
        Some(_) | None => "",
    };
    let name = service_name(settings.provider);
    match settings.provider {
        Provider::Fitbit => Check::caution(
            "provider",
            format!("{name}{by}; announced to be off since {LEGACY_CUT_OFF}"),
            oauth::WAY_OUT,
        ),
        Provider::Google { .. } => Check::good("provider", format!("{name}{by}")),
    }
}

fn redirect_check(provider: Provider, redirect: &Result<Redirect, config::Error>) -> Check {
    let id = "redirect";
    match redirect {
        Err(error) => Check::from_error(id, error),
        Ok(redirect) if provider == Provider::Fitbit && redirect.port == 0 => Check::bad(
            id,
            Exit::Config,
            format!(
                "{} names no port, and this service wants the registered one",
                redirect.url
            ),
            "set redirect_url = \"http://localhost:1410/\" and register exactly that",
        ),
        Ok(redirect)
            if redirect.port != 0 && !redirect.url.ends_with('/') && redirect.path == "/" =>
        {
            Check::caution(
                id,
                format!("{} has no slash at the end", redirect.url),
                "make sure that it is registered without one too: the slash counts",
            )
        }
        Ok(redirect) => Check::good(id, redirect.url.clone()),
    }
}

fn port(redirect: &Redirect) -> Check {
    match Listener::bind(redirect) {
        Ok(_) if redirect.port == 0 => Check::good("port", "any free one can be had"),
        Ok(_) => Check::good("port", format!("{} is free", redirect.port)),
        Err(error) => Check::from_error("port", &error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_slash_at_the_end_counts() {
        for (provider, url, state) in [
            (Provider::Fitbit, "http://localhost:1410/", "ok"),
            (Provider::Fitbit, "http://localhost:1410", "warning"),
            (Provider::Fitbit, "http://127.0.0.1:0/", "failed"),
            (Provider::GOOGLE, "http://127.0.0.1:0/", "ok"),
            (Provider::GOOGLE, "http://example.com/", "failed"),
        ] {
            let check = redirect_check(provider, &Redirect::parse(url, None));
            assert_eq!(check.state(), state, "{url}");
        }
    }
}
