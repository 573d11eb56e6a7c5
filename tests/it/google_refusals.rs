//! Google's documented refusals: each its exit code, its sentence and its remedy, and no secret that a body echoes.

use crate::google_details::home;
use crate::google_errors::{files, truth, with_files};
use crate::google_truth::{RECONCILE, ROLL_UP};
use crate::google_wire::status;
use crate::secrets::{ACCESS, ACCESS_2, CLIENT_SECRET};
use crate::server::Reply;
use serde_json::{Value, json};

/// Status, body, exit code, and what a person has to be told.
type Case = (u16, Value, i32, Vec<&'static str>);

/// The documented reasons, as they came from the service or from the clients' fixtures.
#[allow(clippy::too_many_lines, reason = "a table of cases")]
fn documented() -> Vec<Case> {
    let with = |mut body: Value, more: Value| {
        let info = body["error"]["details"][0]
            .as_object_mut()
            .expect("details");
        info.extend(more.as_object().expect("members").clone());
        body
    };
    let denied = |message: &str, reason: &str| status(403, "PERMISSION_DENIED", message, reason);
    let invalid = |reason: &str| {
        let mut body = status(
            400,
            "INVALID_ARGUMENT",
            "Invalid argument in request.",
            reason,
        );
        body["error"]["details"]
            .as_array_mut()
            .expect("details")
            .push(json!({
            "@type": "type.googleapis.com/google.rpc.BadRequest",
            "fieldViolations": [{"field": "range", "description": "The useful text is here."}]}));
        body
    };
    let mut disabled = denied(
        "Google Health API has not been used in project 123456789 before or it is disabled.",
        "SERVICE_DISABLED",
    );
    disabled["error"]["details"].as_array_mut().expect("details").insert(0, json!({
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [{"description": "Google developers console API activation", "url": "https://console.developers.google.com/apis/api/health.googleapis.com/overview?project=123456789"}]}));
    let not_linked = with(
        status(
            400,
            "FAILED_PRECONDITION",
            "The account is not linked to Google Health.",
            "ACCOUNT_NOT_LINKED",
        ),
        json!({"domain": "health.googleapis.com", "metadata": {"redirect_uri": "https://fitbit.google.com/auth/signup"}}),
    );
    let mut cases: Vec<Case> = vec![
        (
            400,
            not_linked,
            77,
            vec![
                "ACCOUNT_NOT_LINKED",
                "https://fitbit.google.com/auth/signup",
            ],
        ),
        (
            403,
            disabled,
            78,
            vec![
                "SERVICE_DISABLED",
                "not enabled",
                "https://console.developers.google.com/apis/api/health.googleapis.com/overview?project=123456789",
            ],
        ),
        (
            403,
            denied(
                "Caller does not have required permission to use project 123456789.",
                "USER_PROJECT_DENIED",
            ),
            77,
            vec![
                "onboarding",
                "https://developers.google.com/health",
                "Takeout",
            ],
        ),
        (
            403,
            denied("User is not authorized to access health data.", ""),
            77,
            vec![
                "not authorized to access health data",
                "https://developers.google.com/health",
            ],
        ),
        (
            403,
            denied("The caller does not have permission", ""),
            77,
            vec!["never moved to Google", "Google Health app"],
        ),
        (
            403,
            denied(
                "Permission denied on resource.",
                "RESOURCE_PERMISSION_DENIED",
            ),
            77,
            vec![
                "RESOURCE_PERMISSION_DENIED",
                "https://myaccount.google.com/connections",
                "fitbit-hr login",
            ],
        ),
        (
            403,
            denied("Something new.", "SOMETHING_NEW"),
            77,
            vec!["SOMETHING_NEW", "Something new."],
        ),
        (
            412,
            status(412, "FAILED_PRECONDITION", "Precondition check failed.", ""),
            77,
            vec!["Precondition check failed", "Google Health app"],
        ),
        (
            401,
            status(
                401,
                "UNAUTHENTICATED",
                "Request had invalid authentication credentials.",
                "",
            ),
            77,
            vec!["fitbit-hr login"],
        ),
        (
            401,
            status(
                401,
                "UNAUTHENTICATED",
                "Request is missing required authentication credential.",
                "CREDENTIALS_MISSING",
            ),
            77,
            vec!["CREDENTIALS_MISSING"],
        ),
        (
            400,
            with(
                invalid("INVALID_DATA_POINT_FILTER"),
                json!({"metadata": {"detailedReasons": "INVALID_DATA_POINT_FILTER_MISSING_TOKEN"}}),
            ),
            70,
            vec![
                "INVALID_DATA_POINT_FILTER",
                "INVALID_DATA_POINT_FILTER_MISSING_TOKEN",
                "The useful text is here.",
            ],
        ),
    ];
    for reason in [
        "INVALID_DATA_POINT_FILTER_SYNTAX",
        "INVALID_ROLLUP_QUERY_DURATION",
        "INVALID_DATA_POINT_DATA_SOURCE_FAMILY",
        "INVALID_TIME_RANGE",
        "UNSUPPORTED_DATA_TYPE_ACTION",
        "INVALID_PARENT_DATA_TYPE_COLLECTION",
    ] {
        cases.push((
            400,
            invalid(reason),
            70,
            vec![reason, "The useful text is here."],
        ));
    }
    cases
}

#[test]
fn every_documented_refusal_has_its_code_its_sentence_and_its_remedy() {
    for (number, (code, body, exit, says)) in documented().into_iter().enumerate() {
        let service = truth()
            .instead(move |request, _| {
                matches!(request.path.as_str(), RECONCILE | ROLL_UP)
                    .then(|| Reply::error(code, &body))
            })
            .serve();
        // A 401 is believed after one renewal only.
        service.server.any("POST", "/token", |_| {
            Reply::json(
                &json!({"access_token": ACCESS_2, "expires_in": 3599, "token_type": "Bearer"}),
            )
        });
        let home = with_files(&service);
        let before = files(&home);
        let detail = ["1sec", "1min"][number % 2];
        let output = home.run(["2017-06-01", detail, "--no-summary"]);
        output.expect(exit).with_one_error().says(&says);
        assert_eq!(files(&home), before);
        // Nothing of this is tried again, but for the one renewal.
        if detail == "1min" {
            let sent = service.server.requests_to(ROLL_UP).len();
            assert_eq!(sent, if code == 401 { 2 } else { 1 }, "{says:?}");
        }
    }
}

#[test]
fn secrets_and_control_characters_in_a_refusal_are_not_shown() {
    let encoded: String = url::form_urlencoded::byte_serialize(ACCESS.as_bytes()).collect();
    let nasty = format!(
        "\u{1b}[2J\u{1b}]0;title\u{7}\r\ntoken {ACCESS} ({encoded}), \"{CLIENT_SECRET}\"\u{202e}x"
    );
    let address = format!("https://example.org/{ACCESS}?s={CLIENT_SECRET}");
    for reason in [
        "",
        "ACCOUNT_NOT_LINKED",
        "SERVICE_DISABLED",
        "INVALID_ARGUMENT",
        &nasty,
    ] {
        for code in [400, 401, 403, 404, 412, 500] {
            let body = json!({"error": {"code": code, "message": nasty, "status": nasty, "details": [
                {"reason": reason, "metadata": {"redirect_uri": address, "detailedReasons": nasty}, "links": [{"url": address}]},
                {"fieldViolations": [{"description": nasty}]}]}});
            let service = truth()
                .instead(move |request, _| {
                    (request.path == ROLL_UP)
                        .then(|| Reply::error(code, &body).with("Retry-After", "900"))
                })
                .serve();
            service.server.any("POST", "/token", |_| {
                Reply::json(
                    &json!({"access_token": ACCESS_2, "expires_in": 3599, "token_type": "Bearer"}),
                )
            });
            let home = home(&service);
            // The search for secrets is part of every run.
            let output = home.run(["2017-06-01", "1min", "--no-summary", "-vvv"]);
            assert!(output.code >= 69, "{}", output.stderr);
            let odd = output
                .stderr
                .chars()
                .find(|c| (c.is_control() && *c != '\n') || *c == '\u{202e}');
            assert_eq!(odd, None, "{:?}", output.stderr);
        }
    }
}
