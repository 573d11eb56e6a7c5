//! The login itself: bind, open the page, wait for the answer on every way it can come, exchange the code.

use super::callback::{Callback, Expected};
use super::error::Error;
use super::exchange::{Authorization, Exchange};
use super::listener::Listener;
use super::pasted::Pasted;
use super::refusal;
use super::scopes;
use super::token::Token;
use crate::clock;
use crate::config::{Provider, Redirect};
use crate::secret::{self, Secret};
use std::io::BufRead;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{self, UnboundedReceiver, UnboundedSender};

/// The pieces of one paste come within this time of each other.
const PIECES: Duration = Duration::from_millis(300);

/// How the page reaches a person, and what a person is told. The terminal, the demo and the tests each bring one.
pub trait Messenger {
    /// Brings the page before the person's eyes. Must not wait for them.
    fn open(&self, url: &str);
    /// A remark while waiting.
    fn tell(&self, text: &str);
}

/// One login.
#[derive(Debug, Clone, Copy)]
pub struct Options {
    /// What lines on stdin are.
    pub typed: Typed,
    /// How long to wait.
    pub timeout: Duration,
}

/// What lines on stdin are to a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typed {
    /// Not read.
    Nothing,
    /// They may bring the answer, as the browser of this machine may.
    Answer,
    /// The same, and their end is the end of the wait: the browser is elsewhere.
    OnlyAnswer,
}

/// Logs in. The token is not stored yet; the indispensable scopes are granted.
///
/// # Errors
/// Fails when the port is taken, the answer is no, nothing comes in time, or the exchange fails.
pub async fn login(
    exchange: &Exchange,
    redirect: &Redirect,
    options: Options,
    messenger: &dyn Messenger,
) -> Result<Token, Error> {
    let listener = Listener::bind(redirect)?;
    let redirect = listener.redirect().clone();
    let authorization = exchange.authorization(&redirect)?;
    let expected = Expected {
        state: authorization.state.clone(),
        issuers: exchange.issuers(),
    };
    let (report, calls) = mpsc::unbounded_channel();
    let running = listener.run(&expected, &report);
    let mut wait = Wait {
        calls,
        lines: (options.typed != Typed::Nothing).then(read_lines),
        is_over_with_lines: options.typed == Typed::OnlyAnswer,
        pasted: Pasted::default(),
        expected,
        ends: clock::monotonic() + options.timeout,
        foreign: false,
        messenger,
    };
    messenger.open(&authorization.url);
    let token = loop {
        let answer = wait.answer().await;
        if answer.is_none() && wait.has_ended() {
            return Err(Error::InputEnded);
        }
        let Some(answer) = answer else {
            return Err(Error::TimedOut {
                after: options.timeout,
                redirect_url: redirect.url,
                provider: exchange.provider(),
                foreign: wait.foreign,
            });
        };
        match redeemed(exchange, &authorization, &redirect, &answer.meaning).await {
            // A piece of a code, or a word that looks like one: the right answer may still come.
            Err(Error::CodeRejected { said }) if answer.pasted => {
                messenger.tell(&format!(
                    "that code was not accepted ({said}); still waiting for the whole address"
                ));
            }
            result => break result?,
        }
    };
    drop(running);
    granted(exchange.provider(), token)
}

/// The login, if it grants what nothing goes without.
fn granted(provider: Provider, token: Token) -> Result<Token, Error> {
    let missing: Vec<String> = scopes::missing(provider, &token.scopes)
        .into_iter()
        .filter(|scope| scope.needed)
        .map(|scope| scopes::short(scope.name).to_owned())
        .collect();
    if missing.is_empty() {
        Ok(token)
    } else {
        Err(Error::ScopeMissing { missing })
    }
}

/// What an answer brings.
async fn redeemed(
    exchange: &Exchange,
    authorization: &Authorization,
    redirect: &Redirect,
    meaning: &Meaning,
) -> Result<Token, Error> {
    match meaning {
        Meaning::Code(code, granted) => {
            let granted = granted.as_deref();
            exchange
                .redeem(authorization, redirect, code, granted, clock::now())
                .await
        }
        Meaning::Refused(said) => Err(refusal::of_redirect(exchange.provider(), said)),
        Meaning::OtherIssuer(said) => Err(Error::Protocol {
            problem: format!(
                "the answer says that it comes from {}, and the login was asked of {}",
                secret::clean(said),
                exchange.issuers().join(" or ")
            ),
        }),
    }
}

/// An answer to this login.
struct Answer {
    meaning: Meaning,
    /// By hand, on standard input.
    pasted: bool,
}

enum Meaning {
    Code(Secret, Option<String>),
    Refused(String),
    OtherIssuer(String),
}

/// The wait for an answer, on every way it can come.
struct Wait<'m> {
    calls: UnboundedReceiver<Callback>,
    /// What is typed; `None` when nothing is read, or nothing more can come.
    lines: Option<UnboundedReceiver<String>>,
    /// Nothing is waited for any more where nothing more can be typed.
    is_over_with_lines: bool,
    pasted: Pasted,
    expected: Expected,
    ends: Instant,
    foreign: bool,
    messenger: &'m dyn Messenger,
}

impl Wait<'_> {
    fn has_ended(&self) -> bool {
        self.is_over_with_lines && self.lines.is_none()
    }

    /// The next answer to this login; `None` when the time is over, or what is typed. All else is told and waited past.
    async fn answer(&mut self) -> Option<Answer> {
        loop {
            let (call, pasted) = tokio::select! {
                call = self.calls.recv() => (call?, false),
                line = next_line(&mut self.lines) => (self.paste(line).await, true),
                () = tokio::time::sleep_until(self.ends.into()) => return None,
            };
            let meaning = match call {
                Callback::Code { code, scope } => Meaning::Code(code, scope),
                Callback::Refused { said } => Meaning::Refused(said),
                Callback::OtherIssuer { said } => Meaning::OtherIssuer(said),
                Callback::Foreign => {
                    if !self.foreign || pasted {
                        self.messenger.tell("an answer with the state of another login, or with none, came and was not used; still waiting");
                    }
                    self.foreign = true;
                    continue;
                }
                Callback::Unreadable => {
                    self.messenger.tell(
                        "that is neither the address of the page nor a code; paste the whole address",
                    );
                    continue;
                }
                Callback::Empty | Callback::Elsewhere if self.has_ended() => return None,
                Callback::Empty | Callback::Elsewhere => continue,
            };
            return Some(Answer { meaning, pasted });
        }
    }

    /// What a line means with all that comes at once after it.
    async fn paste(&mut self, first: Option<String>) -> Callback {
        let Some(first) = first else {
            self.lines = None;
            if self.is_over_with_lines {
                return Callback::Empty;
            }
            self.messenger.tell("standard input has ended, so nothing can be pasted any more; still listening for the browser (Ctrl-C ends it)");
            return Callback::Empty;
        };
        let mut lines = vec![first];
        if let Some(more) = &mut self.lines {
            while let Ok(Some(line)) = tokio::time::timeout(PIECES, more.recv()).await {
                lines.push(line);
            }
        }
        self.pasted
            .add(lines.iter().map(String::as_str), &self.expected)
    }
}

/// The next line; never, where none is read.
async fn next_line(lines: &mut Option<UnboundedReceiver<String>>) -> Option<String> {
    match lines {
        Some(lines) => lines.recv().await,
        None => std::future::pending().await,
    }
}

/// Reads stdin on a thread of its own until it ends; the listener goes on meanwhile.
fn read_lines() -> UnboundedReceiver<String> {
    let (report, lines): (UnboundedSender<String>, _) = mpsc::unbounded_channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        let mut stdin = std::io::stdin().lock();
        while stdin
            .read_until(b'\n', &mut bytes)
            .is_ok_and(|read| read > 0)
        {
            let line = String::from_utf8_lossy(&bytes).into_owned();
            if report.send(line).is_err() {
                break;
            }
            bytes.clear();
        }
    });
    lines
}
