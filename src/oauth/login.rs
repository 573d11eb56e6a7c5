//! The login itself: bind, open the page, wait for the answer on every way it can come, exchange the code.

use super::callback::{self, Callback};
use super::error::Error;
use super::exchange::{Authorization, Exchange};
use super::listener::Listener;
use super::scopes;
use super::store::Token;
use crate::clock;
use crate::config::Redirect;
use crate::secret;
use std::io::BufRead;
use std::time::Duration;
use tokio::sync::mpsc;

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
    /// Lines on stdin may bring the answer too.
    pub pasted: bool,
    /// How long to wait.
    pub timeout: Duration,
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
    let (report, mut calls) = mpsc::unbounded_channel();
    let running = listener.run(&authorization.state, &report);
    if options.pasted {
        read_pasted(&authorization, report.clone());
    }
    messenger.open(&authorization.url);
    let waited = wait(&mut calls, options.timeout, messenger).await;
    drop(running);
    let (code, granted) = match waited {
        Waited::Code(code, granted) => (code, granted),
        Waited::Refused(said) => {
            return Err(Error::Refused {
                provider: exchange.provider(),
                said: secret::clean(&said),
            });
        }
        Waited::Nothing { foreign } => {
            let redirect_url = redirect.url;
            return Err(Error::TimedOut {
                after: options.timeout,
                redirect_url,
                provider: exchange.provider(),
                foreign,
            });
        }
    };
    let token = exchange
        .redeem(
            &authorization,
            &redirect,
            &code,
            granted.as_deref(),
            clock::now(),
        )
        .await?;
    let missing: Vec<String> = scopes::missing(exchange.provider(), &token.scopes)
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

enum Waited {
    Code(secret::Secret, Option<String>),
    Refused(String),
    Nothing { foreign: bool },
}

async fn wait(
    calls: &mut mpsc::UnboundedReceiver<Callback>,
    timeout: Duration,
    messenger: &dyn Messenger,
) -> Waited {
    let end = tokio::time::sleep(timeout);
    tokio::pin!(end);
    let mut foreign = false;
    loop {
        let call = tokio::select! {
            call = calls.recv() => call,
            () = &mut end => None,
        };
        match call {
            None => return Waited::Nothing { foreign },
            Some(Callback::Code { code, scope }) => return Waited::Code(code, scope),
            Some(Callback::Refused { said }) => return Waited::Refused(said),
            Some(Callback::Foreign) => {
                if !foreign {
                    messenger.tell("an answer with the state of another login came and was not used; still waiting");
                }
                foreign = true;
            }
            Some(Callback::Unreadable) => {
                messenger.tell(
                    "that is neither the address of the page nor a code; paste the whole address",
                );
            }
            Some(Callback::Empty | Callback::Elsewhere) => {}
        }
    }
}

/// Reads stdin on a thread of its own until it ends; the listener goes on meanwhile.
fn read_pasted(authorization: &Authorization, report: mpsc::UnboundedSender<Callback>) {
    let state = authorization.state.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lock().lines() {
            let Ok(line) = line else { break };
            if report.send(callback::judge_pasted(&line, &state)).is_err() {
                break;
            }
        }
    });
}
