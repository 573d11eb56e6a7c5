//! Walks the running service with a client of its own: every address, every trap.

use super::service::{Service, Settings};
use super::{browser, oauth::scopes};
use crate::civil::{self, Window};
use crate::zone::Tz;
use chrono::{DateTime, NaiveDate};
use oauth2::PkceCodeChallenge;
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use url::Url;

mod data;
mod login;
mod refusals;

type Outcome = Result<(), Box<dyn Error>>;

const HEART_RATE: &str = "/v4/users/me/dataTypes/heart-rate/dataPoints";
const SLIM: &str =
    "dataPoints(heartRate(sampleTime(physicalTime,utcOffset),beatsPerMinute)),nextPageToken";

/// Noon of 24 November 2026 in New York.
fn settings() -> Settings {
    Settings::new(DateTime::from_timestamp(1_795_539_600, 0).unwrap_or_default())
}

fn date(y: i32, m: u32, d: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(y, m, d).unwrap_or_default()
}

/// A status and a body; null where that is not JSON.
type Got = (u16, Value);

struct Visitor {
    service: Service,
    client: Client,
    token: String,
}

impl Visitor {
    async fn new(settings: Settings, scopes: &[&str]) -> Result<Self, Box<dyn Error>> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut visitor = Self {
            service: Service::start(settings)?,
            client: Client::builder().no_proxy().build()?,
            token: String::new(),
        };
        let (status, tokens) = visitor.exchange(&visitor.consent(scopes)?).await?;
        assert_eq!(status, 200, "{tokens}");
        visitor.token = text(&tokens["access_token"]);
        Ok(visitor)
    }

    /// Consent by the played browser; the redirect is caught by a listener of our own.
    fn consent(&self, scopes: &[&str]) -> Result<Consent, Box<dyn Error>> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let redirect_uri = format!("http://{}/", listener.local_addr()?);
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let url = Url::parse_with_params(
            &self.service.authorize_url(),
            [
                ("client_id", self.service.client_id()),
                ("redirect_uri", &redirect_uri),
                ("response_type", "code"),
                ("scope", &scopes.join(" ")),
                ("state", "a state/of+mine"),
                ("access_type", "offline"),
                ("prompt", "consent"),
                ("code_challenge", challenge.as_str()),
                ("code_challenge_method", "S256"),
            ],
        )?;
        let playing = browser::consent_in_background(&url)?;
        let (stream, _) = listener.accept()?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line)?;
        (&stream).write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
        drop(stream);
        playing.join().map_err(|_| "the browser panicked")??;
        let target = line.split(' ').nth(1).unwrap_or_default();
        let redirected = Url::parse(&redirect_uri)?.join(target)?;
        Ok(Consent {
            fields: redirected.query_pairs().into_owned().collect(),
            redirect_uri,
            verifier: verifier.secret().clone(),
        })
    }

    async fn exchange(&self, consent: &Consent) -> Result<Got, Box<dyn Error>> {
        self.token_call(&[
            ("grant_type", "authorization_code"),
            ("code", &consent.fields["code"]),
            ("redirect_uri", &consent.redirect_uri),
            ("code_verifier", &consent.verifier),
        ])
        .await
    }

    async fn token_call(&self, form: &[(&str, &str)]) -> Result<Got, Box<dyn Error>> {
        let client = [
            ("client_id", self.service.client_id()),
            ("client_secret", self.service.client_secret()),
        ];
        let form: BTreeMap<_, _> = client.iter().chain(form).copied().collect();
        got(self.client.post(self.service.token_url()).form(&form)).await
    }

    fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.client
            .request(method, self.service.base_url() + path)
            .bearer_auth(&self.token)
    }

    async fn get(&self, path: &str, query: &[(&str, &str)]) -> Result<Got, Box<dyn Error>> {
        got(self.request(Method::GET, path).query(query)).await
    }

    async fn post(&self, path: &str, body: &Value) -> Result<Got, Box<dyn Error>> {
        got(self.request(Method::POST, path).json(body)).await
    }

    /// All pages of points of a range, in the order they came.
    async fn pages(
        &self,
        path: &str,
        window: &Window,
        fields: &str,
    ) -> Result<Vec<Vec<Value>>, Box<dyn Error>> {
        let filter = between(window);
        let mut pages = Vec::new();
        let mut token = String::new();
        loop {
            let query = [
                ("filter", filter.as_str()),
                ("pageSize", "10000"),
                ("pageToken", &token),
                ("prettyPrint", "false"),
                ("fields", fields),
            ];
            let (status, page) = self.get(path, &query).await?;
            assert_eq!(status, 200, "{page}");
            let points = page["dataPoints"].as_array().cloned().unwrap_or_default();
            assert!(points.len() <= 5000);
            pages.push(points);
            let next = text(&page["nextPageToken"]);
            assert_ne!(next, if next.is_empty() { "-" } else { &token });
            if next.is_empty() {
                return Ok(pages);
            }
            token = next;
        }
    }
}

/// What came of a consent, and what the exchange of its code needs.
struct Consent {
    /// Of the redirect's query.
    fields: BTreeMap<String, String>,
    redirect_uri: String,
    verifier: String,
}

async fn got(request: RequestBuilder) -> Result<Got, Box<dyn Error>> {
    let answer = request.send().await?;
    let status = answer.status().as_u16();
    let body = answer.bytes().await?;
    Ok((status, serde_json::from_slice(&body).unwrap_or_default()))
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn between(window: &Window) -> String {
    let member = "heart_rate.sample_time.physical_time";
    let [from, to] = [window.start, window.end].map(civil::rfc3339);
    format!("{member} >= \"{from}\" AND {member} < \"{to}\"")
}

fn new_york_day(date: NaiveDate) -> Window {
    civil::window(date, Tz::of("America/New_York")).unwrap_or(0..0)
}

fn instant(value: &Value) -> i64 {
    DateTime::parse_from_rfc3339(&text(value)).map_or(0, |at| at.timestamp_millis())
}

fn reason(got: &Got) -> (u16, String) {
    (got.0, text(&got.1["error"]["details"][0]["reason"]))
}

const EVERYTHING: [&str; 3] = [scopes::METRICS, scopes::SETTINGS, scopes::ACTIVITY];
