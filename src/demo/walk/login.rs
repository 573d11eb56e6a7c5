//! Consent, codes and tokens.

use super::*;

fn error(got: &Got) -> (u16, String) {
    (got.0, text(&got.1["error"]))
}

#[tokio::test]
async fn a_login_goes_through_and_its_tokens_do_what_they_should() -> Outcome {
    let in_testing = Settings {
        refresh_token_expires_in: Some(604_799),
        ..settings()
    };
    let visitor = Visitor::new(in_testing, &EVERYTHING).await?;
    let consent = visitor.consent(&EVERYTHING)?;
    assert_eq!(consent.fields["state"], "a state/of+mine");
    assert_eq!(consent.fields["scope"], EVERYTHING.join(" "));
    assert!(consent.fields["code"].starts_with("4/0"));
    let (status, tokens) = visitor.exchange(&consent).await?;
    assert_eq!(status, 200);
    assert_eq!(tokens["expires_in"], 3599);
    assert_eq!(tokens["refresh_token_expires_in"], 604_799);
    assert_eq!(tokens["token_type"], "Bearer");
    let again = visitor.exchange(&consent).await?;
    assert_eq!(error(&again), (400, "invalid_grant".to_owned()));

    let refresh_token = text(&tokens["refresh_token"]);
    let refresh = [
        ("grant_type", "refresh_token"),
        ("refresh_token", &refresh_token),
    ];
    let (status, refreshed) = visitor.token_call(&refresh).await?;
    assert_eq!(status, 200);
    assert_eq!(refreshed["refresh_token"], Value::Null);
    assert_ne!(refreshed["access_token"], tokens["access_token"]);

    let revoke = |token: String| {
        got(visitor
            .client
            .post(visitor.service.revoke_url())
            .form(&[("token", token)]))
    };
    assert_eq!(revoke(refresh_token.clone()).await?.0, 200);
    assert_eq!(revoke(refresh_token.clone()).await?.0, 400);
    let dead = visitor.token_call(&refresh).await?;
    assert_eq!(error(&dead), (400, "invalid_grant".to_owned()));
    assert_eq!(visitor.service.requests(), 0);
    Ok(())
}

#[tokio::test]
async fn codes_are_bound_to_verifier_client_and_redirect_uri() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let mut consent = visitor.consent(&EVERYTHING)?;
    consent.verifier = "x".repeat(43);
    let wrong = visitor.exchange(&consent).await?;
    assert_eq!(error(&wrong), (400, "invalid_grant".to_owned()));
    let mut consent = visitor.consent(&EVERYTHING)?;
    consent.redirect_uri.pop();
    let wrong = visitor.exchange(&consent).await?;
    assert_eq!(error(&wrong), (400, "redirect_uri_mismatch".to_owned()));
    let guess = [("grant_type", "refresh_token"), ("client_secret", "guess")];
    let wrong = visitor.token_call(&guess).await?;
    assert_eq!(error(&wrong), (401, "invalid_client".to_owned()));
    Ok(())
}
