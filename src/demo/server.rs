//! A small HTTP/1.1 server on loopback, on threads of its own: what answers is a function from a whole request to a response.

use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use std::future::Future;
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::{Builder, Runtime};

const THREADS: usize = 2;

/// A whole request.
pub type Call = Request<Bytes>;

/// What is sent back; a body that fails breaks the connection off.
pub type Answer = Response<BoxBody<Bytes, io::Error>>;

/// A body that comes whole.
pub fn whole(body: impl Into<Bytes>) -> BoxBody<Bytes, io::Error> {
    Full::new(body.into())
        .map_err(|never| match never {})
        .boxed()
}

/// A running server; ends with everything it started when dropped.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    runtime: Option<Runtime>,
}

impl Server {
    /// Listens on a free port of 127.0.0.1. The handler is asked many times at once; where it fails, the connection is
    /// closed without an answer.
    ///
    /// # Errors
    /// Fails when loopback has no port left, or the system no thread.
    pub fn start<H, F>(handler: H) -> io::Result<Self>
    where
        H: Fn(Call) -> F + Send + Sync + 'static,
        F: Future<Output = io::Result<Answer>> + Send + 'static,
    {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let runtime = Builder::new_multi_thread()
            .worker_threads(THREADS)
            .thread_name("stand-in")
            .enable_all()
            .build()?;
        runtime.spawn(accept(listener, Arc::new(handler)));
        Ok(Self {
            address,
            runtime: Some(runtime),
        })
    }

    /// Where it listens.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

async fn accept<H, F>(listener: std::net::TcpListener, handler: Arc<H>)
where
    H: Fn(Call) -> F + Send + Sync + 'static,
    F: Future<Output = io::Result<Answer>> + Send + 'static,
{
    let Ok(listener) = TcpListener::from_std(listener) else {
        return;
    };
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            // An answer is not to wait for the acknowledgement of its own first half.
            let _ = stream.set_nodelay(true);
            tokio::spawn(serve(stream, Arc::clone(&handler)));
        }
    }
}

async fn serve<H, F>(stream: TcpStream, handler: Arc<H>)
where
    H: Fn(Call) -> F + Send + Sync + 'static,
    F: Future<Output = io::Result<Answer>> + Send + 'static,
{
    let answer = service_fn(|request: Request<Incoming>| {
        let handler = Arc::clone(&handler);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map_err(io::Error::other)?;
            handler(Request::from_parts(head, body.to_bytes())).await
        }
    });
    // A client that went away has nothing to be told.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), answer)
        .await;
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;
    use std::time::Duration;

    fn client() -> reqwest::Result<reqwest::Client> {
        let _ = rustls::crypto::ring::default_provider().install_default();
        reqwest::Client::builder().no_proxy().build()
    }

    #[tokio::test]
    async fn connections_that_stay_open_never_wait_for_one_another() -> Result<(), Box<dyn Error>> {
        let met = Arc::new(tokio::sync::Barrier::new(24));
        let server = Server::start(move |request| {
            let met = Arc::clone(&met);
            async move {
                met.wait().await;
                Ok(Response::new(whole(request.into_body())))
            }
        })?;
        let (client, url) = (client()?, format!("http://{}/", server.address()));
        for _ in 0..3 {
            let calls = (0..24).map(|at| client.post(&url).body(at.to_string()).send());
            let calls: Vec<_> = calls.map(tokio::spawn).collect();
            for (at, call) in calls.into_iter().enumerate() {
                assert_eq!(call.await??.text().await?, at.to_string());
            }
        }
        Ok(())
    }

    #[tokio::test]
    async fn nothing_listens_after_the_end() -> Result<(), Box<dyn Error>> {
        let server = Server::start(|_| async { Ok(Response::new(whole(""))) })?;
        let (client, url) = (client()?, format!("http://{}/", server.address()));
        assert_eq!(client.get(&url).send().await?.status(), 200);
        drop(server);
        while client.get(&url).send().await.is_ok() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        Ok(())
    }
}
