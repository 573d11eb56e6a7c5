//! The tiny local server that the browser comes back to: loopback only, on the redirect URL's host, port and path.

use super::callback::{self, Callback, Expected};
use super::error::Error;
use super::page::Page;
use crate::config::Redirect;
use std::io;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tiny_http::{Header, Method, Request, Response, Server};
use tokio::sync::mpsc;

/// A bound listener, not yet answering.
pub struct Listener {
    servers: Vec<Arc<Server>>,
    redirect: Redirect,
}

/// A listener that answers on threads of its own until it is dropped.
pub struct Running {
    servers: Vec<Arc<Server>>,
    stopped: Arc<AtomicBool>,
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stopped.store(true, Ordering::Relaxed);
        for server in &self.servers {
            server.unblock();
        }
    }
}

impl Listener {
    /// Binds the redirect URL's address; for port 0 any free one.
    ///
    /// `localhost` may mean either family to a browser, so both are bound where both are there.
    ///
    /// # Errors
    /// Fails when the port is taken or may not be used.
    pub fn bind(redirect: &Redirect) -> Result<Self, Error> {
        let taken = |cause: io::Error| Error::PortTaken {
            redirect_url: redirect.url.clone(),
            cause: if cause.kind() == io::ErrorKind::AddrInUse {
                format!("another program uses port {}", redirect.port)
            } else {
                cause.to_string()
            },
        };
        let v4 = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let v6 = |port| SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        let first = match redirect.host.as_str() {
            "[::1]" => TcpListener::bind(v6(redirect.port)),
            _ => TcpListener::bind(v4(redirect.port)),
        };
        let first = first.map_err(taken)?;
        let port = first.local_addr().map_err(taken)?.port();
        let mut listeners = vec![first];
        if redirect.host == "localhost" {
            match TcpListener::bind(v6(port)) {
                Ok(second) => listeners.push(second),
                Err(cause) if cause.kind() == io::ErrorKind::AddrInUse => return Err(taken(cause)),
                // A machine without IPv6.
                Err(_) => {}
            }
        }
        let serve = |listener| {
            Server::from_listener(listener, None)
                .map(Arc::new)
                .map_err(|error| taken(io::Error::other(error.to_string())))
        };
        Ok(Self {
            servers: listeners.into_iter().map(serve).collect::<Result<_, _>>()?,
            redirect: redirect.on_port(port),
        })
    }

    /// The redirect URL with the port that was bound.
    #[must_use]
    pub fn redirect(&self) -> &Redirect {
        &self.redirect
    }

    /// Answers calls, and reports the meaning of each one that counts to `report`.
    #[must_use]
    pub fn run(self, expected: &Expected, report: &mpsc::UnboundedSender<Callback>) -> Running {
        let stopped = Arc::new(AtomicBool::new(false));
        for server in &self.servers {
            let (server, stopped, expected) =
                (Arc::clone(server), Arc::clone(&stopped), expected.clone());
            let (path, report) = (self.redirect.path.clone(), report.clone());
            std::thread::spawn(move || {
                while !stopped.load(Ordering::Relaxed) {
                    match server.recv_timeout(Duration::from_millis(500)) {
                        Ok(Some(request)) => answer(request, &path, &expected, &report),
                        Ok(None) => {}
                        Err(_) => break,
                    }
                }
            });
        }
        Running {
            servers: self.servers,
            stopped,
        }
    }
}

fn answer(
    request: Request,
    path: &str,
    expected: &Expected,
    report: &mpsc::UnboundedSender<Callback>,
) {
    let meaning = if *request.method() == Method::Get {
        callback::judge(request.url(), path, expected)
    } else {
        Callback::Elsewhere
    };
    let page = match &meaning {
        Callback::Elsewhere => Page::NotFound,
        Callback::Empty | Callback::Unreadable => Page::Waiting,
        Callback::Foreign | Callback::OtherIssuer { .. } => Page::Foreign,
        Callback::Refused { .. } => Page::Refused,
        Callback::Code { .. } => Page::Received,
    };
    let mut response = Response::from_string(page.html()).with_status_code(page.status());
    for (name, value) in [
        ("Content-Type", "text/html; charset=utf-8"),
        ("Cache-Control", "no-store"),
        ("Referrer-Policy", "no-referrer"),
        (
            "Content-Security-Policy",
            "default-src 'none'; style-src 'unsafe-inline'",
        ),
        ("Connection", "close"),
    ] {
        response.add_header(
            Header::from_bytes(name, value).expect("fixed header fields are well formed"),
        );
    }
    // A browser that has gone away has still given its answer.
    let _ = request.respond(response);
    let _ = report.send(meaning);
}
