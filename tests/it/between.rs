//! What lies between this machine and the service: certificates that are not trusted or have expired, proxies that refuse, and a
//! system that allows few open files. Each ends with its code and the remedy that fits, at once.

#![cfg(target_os = "linux")]

use crate::answers::ONE_DAY;
use crate::program::{GOOGLE_ID, Home, run};
use crate::secrets::CLIENT_SECRET;
use crate::server::{Reply, Server};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

/// Somebody whose API and token endpoint are at this origin.
fn home_at(origin: &str) -> Home {
    let home = Home::new();
    home.keys(&format!(
        "timezone = \"UTC\"\nclient_id = \"{GOOGLE_ID}\"\nclient_secret = \"{CLIENT_SECRET}\"\n[endpoints]\nauthorize = \"{origin}/authorize\"\ntoken = \"{origin}/token\"\nrevoke = \"{origin}/revoke\"\napi = \"{origin}\"\n"
    ));
    home.logged_in("google", 3000);
    home
}

/// A certificate of 127.0.0.1 that signs itself, valid in these years; and its key.
fn certificate(home: &Home, name: &str, from: u32, to: u32) -> (PathBuf, PathBuf) {
    let text = "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nnew_certs_dir = .\ndefault_md = sha256\npolicy = p\nx509_extensions = v\nunique_subject = no\nrand_serial = yes\n[p]\ncommonName = supplied\n[v]\nbasicConstraints = critical,CA:FALSE\nsubjectAltName = IP:127.0.0.1\n[req]\ndistinguished_name = n\n[n]\n";
    home.file(&format!("{name}/ca.cnf"), text);
    home.file(&format!("{name}/index.txt"), "");
    let script = format!(
        "cd {name} && openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -config ca.cnf -keyout key.pem -out request.pem -subj /CN={name} 2>&1 \
         && openssl ca -batch -config ca.cnf -selfsign -keyfile key.pem -in request.pem -out certificate.pem -notext -startdate {from}0101000000Z -enddate {to}0101000000Z 2>&1"
    );
    let mut command = home.other("/bin/sh");
    let made = command.args(["-c", &script]).output().expect("a shell");
    let said = String::from_utf8_lossy(&made.stdout);
    assert!(made.status.success(), "openssl: {said}");
    let file = |ending: &str| home.work(&format!("{name}/{ending}.pem"));
    (file("certificate"), file("key"))
}

/// A service with TLS that answers everything with 404, and its origin. It ends with the test.
fn service(certificate: &Path, key: &Path) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = CertificateDer::from_pem_file(certificate).expect("a certificate");
    let key = PrivateKeyDer::from_pem_file(key).expect("a key");
    let config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate], key)
        .expect("a pair");
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let origin = format!("https://{}", listener.local_addr().expect("bound"));
    thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            thread::spawn(move || {
                let mut connection = rustls::ServerConnection::new(config).ok()?;
                let mut stream = stream.ok()?;
                let mut tls = rustls::Stream::new(&mut connection, &mut stream);
                let _ = tls.read(&mut [0; 4096]).ok()?;
                let answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{}";
                tls.write_all(answer.as_bytes()).ok()
            });
        }
    });
    origin
}

#[test]
fn certificates_that_do_not_hold_are_told_apart() {
    let home = Home::new();
    let (good, good_key) = certificate(&home, "good", 2020, 2090);
    let (old, old_key) = certificate(&home, "old", 2020, 2021);
    let (early, early_key) = certificate(&home, "early", 2089, 2090);
    for (certificate, key, trusted, parts) in [
        (
            &good,
            &good_key,
            &old,
            &["issuer that is not trusted", "SSL_CERT_FILE"][..],
        ),
        (
            &old,
            &old_key,
            &old,
            &["has expired, by this machine's clock", "timedatectl"][..],
        ),
        (
            &early,
            &early_key,
            &early,
            &["is not valid yet", "timedatectl"][..],
        ),
    ] {
        let origin = service(certificate, key);
        let home = home_at(&origin).with("SSL_CERT_FILE", &trusted.display().to_string());
        let output = home.run(ONE_DAY).expect(69).with_one_error().says(parts);
        assert!(output.took < Duration::from_secs(20), "no waiting helps");
        home.run(["doctor"]).expect(69).says(parts);
    }
    // One that is trusted lets the service answer, which is another matter.
    let origin = service(&good, &good_key);
    let home = home_at(&origin).with("SSL_CERT_FILE", &good.display().to_string());
    let output = home.run(ONE_DAY);
    assert_ne!(output.code, 0);
    output.never_says("certificate");
}

#[test]
fn a_proxy_that_refuses_is_named_with_what_it_wants() {
    for (status, part) in [(407, "name and a password"), (403, "refuses to connect")] {
        let server = Server::start();
        server.any("CONNECT", "service.example:443", move |_| {
            Reply::status(status)
        });
        let home = home_at("https://service.example").with("HTTPS_PROXY", &server.url(""));
        let output = home.run(ONE_DAY).expect(69).with_one_error().says(&[
            &server.url("").replace("http://", ""),
            part,
            "HTTPS_PROXY",
        ]);
        assert!(output.took < Duration::from_secs(20), "no waiting helps");
    }
}

#[test]
fn too_few_open_files_are_never_called_anything_else() {
    let program = env!("CARGO_BIN_EXE_fitbit-hr");
    for handles in [5, 7, 9, 12] {
        let home = Home::new();
        let script = format!("ulimit -n {handles}; exec {program} --demo 2017-06-01 15min");
        let mut command: Command = home.other("/bin/sh");
        command.args(["-c", &script]);
        let output = run(command).with_one_error();
        assert_eq!(output.code, 73, "{handles}: {}", output.stderr);
        output.says(&["ulimit -n 1024"]);
        assert!(!home.work("demo_data/hr.csv").exists());
    }
}
