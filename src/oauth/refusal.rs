//! What an error of the token endpoint, or one that comes back with the browser, means for the login. Pure; RFC 6749 4.1.2.1
//! and 5.2, and the codes that Google adds.

use super::error::Error;
use crate::config::Provider;
use crate::http::Answer;
use crate::secret;

/// An answer other than 200 of the token or the revocation endpoint.
#[must_use]
pub fn of_answer(provider: Provider, answer: &Answer) -> Error {
    let (code, message) = error_code(&answer.body);
    let said = match (code.as_str(), message.as_str()) {
        ("", "") => format!("the token endpoint answered with status {}", answer.status),
        (code, "") => format!("{code}, status {}", answer.status),
        ("", message) => format!("{message}, status {}", answer.status),
        (code, message) => format!("{code}: {message}"),
    };
    let lasting = (400..=499)
        .contains(&answer.status)
        .then(|| lasting(provider, &code, &message, &said))
        .flatten();
    match (lasting, answer.status, code.as_str()) {
        (Some(error), ..) => error,
        (None, 300..=399, _) => Error::Protocol {
            problem: format!(
                "the token endpoint redirected elsewhere (status {})",
                answer.status
            ),
        },
        (None, 410, _) if provider == Provider::Fitbit => Error::SwitchedOff {
            sign: "status 410".to_owned(),
        },
        (None, 400..=499, "invalid_grant" | "unauthorized_client") => {
            Error::Ended { provider, said }
        }
        (None, status, _) => Error::Unavailable {
            provider,
            cause: said,
            temporary: matches!(status, 409 | 429),
            come_back_in: answer.come_back_in,
            remedy: None,
        },
    }
}

/// `error` and `error_description` of the address that the browser came back with.
#[must_use]
pub fn of_redirect(provider: Provider, said: &str) -> Error {
    let said = secret::clean(said);
    let (code, message) = said.split_once(": ").unwrap_or((&said, ""));
    lasting(provider, code, message, &said).unwrap_or_else(|| match code {
        "temporarily_unavailable" | "server_error" => Error::Unavailable {
            provider,
            cause: said.clone(),
            temporary: code == "temporarily_unavailable",
            come_back_in: None,
            remedy: None,
        },
        _ => Error::Refused {
            provider,
            said: said.clone(),
        },
    })
}

/// What no waiting helps against: a client that is wrong or gone, a rule that forbids it.
fn lasting(provider: Provider, code: &str, message: &str, said: &str) -> Option<Error> {
    let said = said.to_owned();
    match code {
        "invalid_client" | "deleted_client" | "disabled_client" | "redirect_uri_mismatch" => {
            Some(Error::WrongClient { provider, said })
        }
        "admin_policy_enforced" | "org_internal" => Some(Error::Policy { said }),
        _ if message
            .to_ascii_lowercase()
            .starts_with("redirect_uri mismatch") =>
        {
            Some(Error::WrongClient { provider, said })
        }
        _ => None,
    }
}

/// The code and the message of an error body, in any of the three shapes that were seen:
/// `{"error":"invalid_grant","error_description":".."}`, `{"errors":[{"errorType":"..","message":".."}]}` and
/// `{"error":{"status":"..","message":".."}}`. Empty where there is none; cleaned for a person.
#[must_use]
pub fn error_code(body: &[u8]) -> (String, String) {
    let Ok(value) = serde_json::from_slice::<serde_json::Value>(body) else {
        return Default::default();
    };
    let text = |value: &serde_json::Value| secret::clean(value.as_str().unwrap_or_default());
    let error = &value["error"];
    if error.is_string() {
        return (text(error), text(&value["error_description"]));
    }
    if error.is_object() {
        return (text(&error["status"]), text(&error["message"]));
    }
    let first = &value["errors"][0];
    (text(&first["errorType"]), text(&first["message"]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exit::{Exit, Explain};
    use crate::hint::Invocation;
    use reqwest::header::HeaderMap;

    #[test]
    fn what_no_waiting_helps_against_is_never_put_off() {
        for (code, exit) in [
            ("deleted_client", Exit::Config),
            ("disabled_client", Exit::Config),
            ("invalid_client", Exit::Config),
            ("admin_policy_enforced", Exit::Login),
            ("org_internal", Exit::Login),
        ] {
            for status in [400, 401, 403] {
                let answer = Answer {
                    status,
                    headers: HeaderMap::new(),
                    body: format!("{{\"error\":\"{code}\"}}").into_bytes(),
                    come_back_in: None,
                };
                for error in [
                    of_answer(Provider::GOOGLE, &answer),
                    of_redirect(Provider::GOOGLE, code),
                    of_redirect(Provider::GOOGLE, &format!("{code}: about it")),
                ] {
                    assert_eq!(error.exit(), exit, "{code} {status}");
                    assert!(
                        error.why().contains(code)
                            && !error.hint().said(&Invocation::default()).contains("later"),
                        "{}",
                        error.hint().said(&Invocation::default())
                    );
                }
            }
        }
    }

    #[test]
    fn error_bodies_of_all_shapes_are_understood() {
        for (body, code, message) in [
            (
                r#"{"error":"invalid_grant","error_description":"Token has been expired or revoked."}"#,
                "invalid_grant",
                "Token has been expired or revoked.",
            ),
            (
                r#"{"errors":[{"errorType":"invalid_grant","message":"Refresh token invalid: c643a63c072f0f05478e9d18b991db80ef. Visit"}],"success":false}"#,
                "invalid_grant",
                "Refresh token invalid: (redacted). Visit",
            ),
            (
                r#"{"error":{"code":403,"message":"The caller does not have permission","status":"PERMISSION_DENIED"}}"#,
                "PERMISSION_DENIED",
                "The caller does not have permission",
            ),
            ("<html>", "", ""),
            ("", "", ""),
            ("[]", "", ""),
        ] {
            assert_eq!(
                error_code(body.as_bytes()),
                (code.to_owned(), message.to_owned())
            );
        }
    }
}
