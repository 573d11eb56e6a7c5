//! `study withdraw` of the real binary: the tombstone stands first, the login ends, and nothing of an erased participant stays.

use crate::cohort::{Cohort, Fate, files, kept, report};
use crate::program::{Home, free_port};
use crate::server::Server;
use serde_json::json;

fn synced(cohort: &Cohort) -> (Home, Server) {
    let server = Server::start();
    cohort.serve(&server);
    let home = cohort.machine(&server, 3000);
    home.run(["study", "sync"]).expect(0);
    (home, server)
}

/// Files of the store whose name or content has this.
fn naming(home: &Home, id: &str) -> Vec<String> {
    let all = files(&home.work("data")).into_iter();
    let names = all
        .filter(|(name, bytes)| name.contains(id) || String::from_utf8_lossy(bytes).contains(id));
    names.map(|(name, _)| name).collect()
}

#[test]
fn a_withdrawal_ends_the_login_and_keeps_the_data_unless_they_are_to_go() {
    let cohort = Cohort::of(4, |_| Fate::Plain);
    let (home, _server) = synced(&cohort);
    let before = kept(&home);
    let receipt = home
        .run(["study", "withdraw", "P002", "--json"])
        .expect(0)
        .json();
    assert_eq!(receipt["participant"], "P002");
    assert_eq!(
        (&receipt["revoked"], &receipt["erased"]),
        (&json!(true), &json!(null))
    );
    assert_eq!(cohort.revoked(), ["P002"]);
    assert!(!home.work("tokens/P002.json").exists());
    let mut after = kept(&home);
    assert!(after.remove("_fitbit_hr/withdrawn/P002.json").is_some());
    assert!(before == after, "the data stay");
    home.run(["study", "sync"]).expect(0);
    home.run(["study", "enrol", "P002"])
        .expect(77)
        .with_one_error()
        .says(&["withdrawn"]);
    home.run(["study", "enrol", "p002"])
        .expect(2)
        .says(&["case"]);
    // The same again, now with the data.
    let receipt = home
        .run(["study", "withdraw", "P002", "--erase", "--json"])
        .expect(0)
        .json();
    assert!(
        receipt["erased"]["files"]
            .as_u64()
            .is_some_and(|files| files >= 2),
        "{receipt}"
    );
    assert_eq!(naming(&home, "P002"), ["_fitbit_hr/withdrawn/P002.json"]);
    assert!(!home.work("data/heart_rate/participant=P002").exists());
    home.run(["study", "sync"]).expect(0);
    assert_eq!(naming(&home, "P002"), ["_fitbit_hr/withdrawn/P002.json"]);
    let status = home.run(["study", "status", "--json"]).expect(0).json();
    assert_eq!(status["withdrawn"], json!(["P002"]));
    let found = home.run(["study", "doctor", "--json"]).expect(0);
    assert!(found.stdout.contains("\"withdrawn\""));
    home.run(["study", "withdraw", "P999"])
        .expect(66)
        .with_one_error();
    assert!(!home.work("data/_fitbit_hr/withdrawn/P999.json").exists());
}

#[test]
fn where_the_service_cannot_be_reached_the_tombstone_stands_and_the_login_waits_for_another_try() {
    let cohort = Cohort::of(2, |_| Fate::Plain);
    let (home, server) = synced(&cohort);
    let keys = home.read("keys.toml");
    let nobody = format!("http://127.0.0.1:{}", free_port());
    home.keys(&keys.replace(&server.url("/revoke"), &format!("{nobody}/revoke")));
    // The logins go where the keys say.
    let revoked_at = |origin: &str| {
        for id in ["P001", "P002"] {
            let text = home.read(&format!("tokens/{id}.json"));
            let mut login: serde_json::Value = serde_json::from_str(&text).expect("a login");
            login["origins"]["revoke"] = json!(origin);
            crate::cohort::put_token(&home, id, &login);
        }
    };
    revoked_at(&nobody);
    home.run(["study", "withdraw", "P001", "--erase"])
        .expect(75)
        .says(&[
            "could not end the login of P001",
            "run the same command again",
        ]);
    assert!(home.work("tokens/P001.json").exists());
    assert_eq!(naming(&home, "P001"), ["_fitbit_hr/withdrawn/P001.json"]);
    let calls = cohort.calls("P001");
    home.run(["study", "sync"]).expect(0);
    assert_eq!(cohort.calls("P001"), calls, "nothing is asked for any more");
    assert_eq!(naming(&home, "P001"), ["_fitbit_hr/withdrawn/P001.json"]);
    home.run(["study", "doctor"]).expect(75);
    home.keys(&keys);
    revoked_at(server.url("").trim_end_matches('/'));
    home.run(["study", "withdraw", "P001"]).expect(0);
    assert_eq!(cohort.revoked(), ["P001"]);
    assert!(!home.work("tokens/P001.json").exists());
    home.run(["study", "doctor"]).expect(0);
}

#[test]
fn a_withdrawal_in_the_middle_of_a_run_takes_back_what_the_run_wrote() {
    for erase in [false, true] {
        let cohort = Cohort::of(
            3,
            |number| if number == 2 { Fate::Slow } else { Fate::Plain },
        );
        let server = Server::start();
        cohort.serve(&server);
        let home = cohort.machine(&server, 3000);
        let run = home.start(["study", "sync"]);
        let first = home.work("data/heart_rate/participant=P002");
        let ends = std::time::Instant::now() + std::time::Duration::from_mins(1);
        while !first.exists() {
            assert!(std::time::Instant::now() < ends, "nothing is written");
            std::thread::sleep(std::time::Duration::from_millis(2));
        }
        let arguments = if erase {
            vec!["study", "withdraw", "P002", "--erase"]
        } else {
            vec!["study", "withdraw", "P002"]
        };
        home.run(arguments).expect(0);
        run.finish().expect(0);
        let all = files(&home.work("data"));
        let data: Vec<_> = all
            .keys()
            .filter(|name| name.contains("participant=P002"))
            .collect();
        assert_eq!(data, [] as [&String; 0], "erase: {erase}");
        let report = report(&home, "shard-0-of-1");
        if erase {
            assert_eq!(naming(&home, "P002"), ["_fitbit_hr/withdrawn/P002.json"]);
            assert_eq!(report["participants"].as_object().expect("some").len(), 2);
        } else {
            assert_eq!(report["participants"]["P002"]["state"], "withdrawn");
            let mut named = naming(&home, "P002");
            named.retain(|name| !name.starts_with("_fitbit_hr/runs/"));
            let claim = "what the run noted of the account is taken back";
            assert_eq!(named, ["_fitbit_hr/withdrawn/P002.json"], "{claim}");
        }
        assert_eq!(report["participants"]["P003"]["state"], "ok");
    }
}
