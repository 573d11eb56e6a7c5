//! Tar files are read once, in the order in which they are; what they hold waits, packed, until all is read or memory
//! is short. Then the days so far are imported: what comes later finds them in the archive, and adds to them.

use super::account::Source;
use super::evidence::Known;
use super::files::{self, Read};
use super::plan::{Member, Place, Plan, Tape};
use super::stage::{self, Reel};
use super::{Failure, Run, Skip};
use crate::takeout::input::{Refusal, tar};
use crate::takeout::name::{Kind, Named, judge};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// What the tar files leave to be imported with the rest.
#[derive(Debug, Default)]
pub(super) struct Tapes {
    /// What waits; [`Place::Reel`] points here.
    pub reels: Vec<Reel>,
    /// Days that were imported already.
    pub written: BTreeSet<NaiveDate>,
    /// A profile or nights came after days that had to be imported without them.
    pub late_evidence: bool,
    members: Vec<Member>,
    waiting: usize,
}

/// A file on its way from the thread that inflates.
struct File {
    kind: Kind,
    name: String,
    bytes: Vec<u8>,
}

enum Passed {
    File(File),
    Skip(Skip),
    Foreign,
    Read(u64),
}

/// Reads all tar files; members that wait are added to the plan's.
pub(super) fn play(run: &Run<'_>, plan: &mut Plan, known: &mut Known) -> Result<Tapes, Failure> {
    let mut tapes = Tapes::default();
    // A sample below the confidence takes its CSV twin with it: where days may have to be imported in parts, all CSV
    // must come before all JSON.
    let passes: &[fn(Kind) -> bool] = if run.request.wishes.min_confidence > 0 {
        &[
            |kind| !matches!(kind, Kind::Json(_)),
            |kind| matches!(kind, Kind::Json(_)),
        ]
    } else {
        &[|_| true]
    };
    for (pass, wanted) in passes.iter().enumerate() {
        for tape in &plan.tapes {
            let (send, receive) = sync_channel(2);
            std::thread::scope(|scope| {
                scope.spawn(move || wind(tape, *wanted, pass == 0, &send));
                tapes.record(run, known, tape, &receive)
            })?;
        }
    }
    plan.members.append(&mut tapes.members);
    plan.members
        .sort_by_key(|member| (member.kind.day(), member.kind));
    Ok(tapes)
}

impl Tapes {
    /// Takes in what the other thread sends.
    fn record(
        &mut self,
        run: &Run<'_>,
        known: &mut Known,
        tape: &Tape,
        passed: &Receiver<Passed>,
    ) -> Result<(), Failure> {
        for passed in passed {
            match passed {
                Passed::Skip(skip) => run.account().skip(skip),
                Passed::Foreign => run.account().foreign += 1,
                Passed::Read(bytes) => run.watch.reads(bytes),
                Passed::File(file) => {
                    let source = Source {
                        archive: Some(&tape.path),
                        name: &file.name,
                    };
                    if file.kind.day().is_some() {
                        self.keep(run, tape, &file, &source);
                    } else {
                        self.late_evidence |= !self.written.is_empty();
                        known.decode(run, file.kind, &file.bytes, &source);
                    }
                }
            }
            if self.waiting > run.request.waiting_bytes {
                self.flush(run, known)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, run: &Run<'_>, tape: &Tape, file: &File, source: &Source<'_>) {
        let reel = match files::decode(run, file.kind, tape.made, &file.bytes, source) {
            Ok(Read::Json(block, sheet)) => Reel {
                block,
                sheet: Some(sheet),
            },
            Ok(Read::Csv(block)) => Reel { block, sheet: None },
            Ok(Read::Stored(..) | Read::Nothing) => return,
            Err(refusal) => return run.account().skip(Skip::file(source, refusal)),
        };
        self.waiting += reel.block.size() + size_of::<Member>();
        self.members.push(Member {
            kind: file.kind,
            place: Place::Reel(self.reels.len()),
            name: Box::default(),
            made: tape.made,
            bytes: 0,
        });
        self.reels.push(reel);
    }

    /// Imports what waits.
    fn flush(&mut self, run: &Run<'_>, known: &mut Known) -> Result<(), Failure> {
        known.recall(run)?;
        self.members
            .sort_by_key(|member| (member.kind.day(), member.kind));
        let batch = stage::Batch {
            members: &self.members,
            zips: &[],
            reels: &self.reels,
            earlier: &self.written,
            again: false,
        };
        stage::perform(run, known, batch)?;
        let days = self.members.iter().filter_map(|member| member.kind.day());
        // A day of the one twin lies in two days of the other.
        let around = days.flat_map(|day| [day.pred_opt(), Some(day), day.succ_opt()]);
        self.written.extend(around.flatten());
        self.members.clear();
        self.reels.clear();
        self.waiting = 0;
        Ok(())
    }
}

/// Inflates a tar file and sends what is wanted; ends early if nobody listens.
fn wind(tape: &Tape, wanted: fn(Kind) -> bool, first_pass: bool, send: &SyncSender<Passed>) {
    let mut told = 0;
    let result = tar::visit(&tape.path, tape.gzip, |mut passing, read| {
        let named = judge(passing.path);
        let passed = match named {
            Named::Wanted(kind) if wanted(kind) => Some(pass(tape, kind, &mut passing)),
            Named::NoDay if first_pass => {
                let refusal = Refusal::new("there is no such day as its name says");
                Some(skip(tape, passing.path, refusal))
            }
            Named::Foreign if first_pass => Some(Passed::Foreign),
            Named::Wanted(_) | Named::NoDay | Named::Foreign => None,
        };
        // Who does not listen any more has failed, and says so itself.
        let _ = passed.map(|passed| send.send(passed));
        if first_pass {
            let _ = send.send(Passed::Read(read - told));
            told = read;
        }
    });
    if first_pass {
        let refused = result.err();
        let skip = refused.map(|refusal| Skip::file(tape.path.display(), refusal));
        let _ = skip.map(|skip| send.send(Passed::Skip(skip)));
        let _ = send.send(Passed::Read(tape.bytes.saturating_sub(told)));
    }
}

fn pass(tape: &Tape, kind: Kind, passing: &mut tar::Passing<'_, '_>) -> Passed {
    if passing.size > kind.max_bytes() {
        let refusal = Refusal::too_large(passing.size, kind.max_bytes());
        return skip(tape, passing.path, refusal);
    }
    let mut bytes = Vec::new();
    match passing.read(&mut bytes) {
        Ok(()) => Passed::File(File {
            kind,
            name: String::from_utf8_lossy(passing.path).into_owned(),
            bytes,
        }),
        Err(error) => {
            let refusal = Refusal::at(passing.offset, error.to_string());
            skip(tape, passing.path, refusal)
        }
    }
}

fn skip(tape: &Tape, name: &[u8], refusal: Refusal) -> Passed {
    Passed::Skip(Skip::member(
        &tape.path,
        &String::from_utf8_lossy(name),
        refusal,
    ))
}
