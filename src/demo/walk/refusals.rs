//! Calls that are wrong, too many, or without a token.

use super::*;

#[tokio::test]
async fn wrong_calls_are_refused_as_the_service_refuses_them() -> Outcome {
    let visitor = Visitor::new(settings(), &[scopes::METRICS]).await?;
    let zone = "/v4/users/me/dataTypes/time-in-heart-rate-zone/dataPoints";
    let insufficient = (403, "ACCESS_TOKEN_SCOPE_INSUFFICIENT".to_owned());
    assert_eq!(reason(&visitor.get(zone, &[]).await?), insufficient);
    assert_eq!(
        reason(&visitor.get("/v4/users/me/settings", &[]).await?),
        insufficient
    );
    assert_eq!(visitor.get("/v4/users/me/identity", &[]).await?.0, 200);
    assert_eq!(visitor.get("/v4/users/7/identity", &[]).await?.0, 403);

    let url = visitor.service.base_url() + HEART_RATE;
    let bare = visitor.client.get(&url).send().await?;
    assert_eq!(bare.status(), 401);
    let forged = visitor
        .client
        .get(&url)
        .bearer_auth("ya29.x")
        .send()
        .await?;
    assert_eq!(forged.status(), 401);
    let challenge = forged.headers()["www-authenticate"].to_str()?;
    assert!(challenge.contains("error=\"invalid_token\""));

    let lost = visitor
        .request(Method::GET, "/v4/users/me/heart")
        .send()
        .await?;
    assert_eq!(lost.status(), 404);
    assert!(
        lost.headers()["content-type"]
            .to_str()?
            .starts_with("text/html")
    );

    let bad = |reason: &str| (400, format!("INVALID_DATA_POINT_{reason}"));
    let filtered = visitor.get(HEART_RATE, &[("filter", "date > 1")]).await?;
    assert_eq!(reason(&filtered), bad("FILTER_MISSING_TOKEN"));
    let family = visitor
        .get(HEART_RATE, &[("dataSourceFamily", "google-wearables")])
        .await?;
    assert_eq!(reason(&family), bad("DATA_SOURCE_FAMILY"));
    let civil = "heart_rate.sample_time.civil_time >= \"2017-06-01\"";
    let (status, nothing) = visitor.get(HEART_RATE, &[("filter", civil)]).await?;
    assert_eq!((status, &nothing["error"]), (200, &Value::Null));
    assert!(nothing["dataPoints"].as_array().is_none_or(Vec::is_empty));
    Ok(())
}

#[tokio::test]
async fn a_page_token_works_for_its_own_query_alone() -> Outcome {
    let visitor = Visitor::new(settings(), &EVERYTHING).await?;
    let filter = between(&new_york_day(date(2017, 6, 1)));
    let other = between(&new_york_day(date(2017, 6, 2)));
    let first = [("filter", filter.as_str()), ("pageSize", "100")];
    let (_, page) = visitor.get(HEART_RATE, &first).await?;
    let token = text(&page["nextPageToken"]);
    let next = |filter, size| {
        [
            ("filter", filter),
            ("pageSize", size),
            ("pageToken", token.as_str()),
        ]
    };
    assert_eq!(visitor.get(HEART_RATE, &next(&filter, "100")).await?.0, 200);
    assert_eq!(visitor.get(HEART_RATE, &next(&other, "100")).await?.0, 400);
    assert_eq!(visitor.get(HEART_RATE, &next(&filter, "200")).await?.0, 400);
    Ok(())
}

#[tokio::test]
async fn the_quota_is_kept_and_tokens_expire() -> Outcome {
    let strict = Settings {
        requests_per_minute: Some(3),
        ..settings()
    };
    let visitor = Visitor::new(strict, &EVERYTHING).await?;
    for _ in 0..3 {
        assert_eq!(visitor.get("/v4/users/me/identity", &[]).await?.0, 200);
    }
    let refused = visitor.get("/v4/users/me/identity", &[]).await?;
    assert_eq!(reason(&refused), (429, "RATE_LIMIT_EXCEEDED".to_owned()));
    assert_eq!(visitor.service.requests(), 4);
    let brief = Settings {
        access_token_expires_in: 0,
        ..settings()
    };
    let visitor = Visitor::new(brief, &EVERYTHING).await?;
    assert_eq!(visitor.get("/v4/users/me/identity", &[]).await?.0, 401);
    Ok(())
}
