//! Tar files are read once, in the order in which they are; what they hold waits, packed, until all is read or memory
//! is short. Then the days so far are imported: what comes later finds them in the archive, and adds to them.

use super::error::Error;
use super::evidence::Known;
use super::exports::Identity;
use super::files::{self, Read};
use super::inventory::{Inventory, refusal};
use super::member::{Container, Location, Member, TarFile};
use super::run::Run;
use super::skip::{Skip, Source};
use super::stage::{self, KeptMember};
use crate::progress::Event;
use crate::takeout::input::section::Section;
use crate::takeout::input::{Refusal, gunzip, tar};
use crate::takeout::name::{Kind, Named, judge};
use chrono::NaiveDate;
use std::collections::BTreeSet;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// What the tar files leave to be imported with the rest.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// What waits; [`Location::Kept`] points here.
    pub kept: Vec<KeptMember>,
    /// Days that were imported already.
    pub written: BTreeSet<NaiveDate>,
    /// A profile or nights came after days that had to be imported without them.
    pub late_evidence: bool,
    members: Vec<Member>,
    bytes: usize,
    /// Archives in the tar file that was read last.
    inner: Vec<(String, Section)>,
}

/// A file on its way from the thread that inflates.
struct File {
    kind: Kind,
    name: String,
    bytes: Vec<u8>,
}

enum Passed {
    File(File),
    Archive(String, Section),
    Skip(Skip),
    Foreign,
    Read(u64),
}

/// Reads all tar files; members that wait are added to the inventory's.
pub(super) fn read(
    run: &Run<'_>,
    inventory: &mut Inventory,
    known: &mut Known,
) -> Result<Waiting, Error> {
    let mut tar_files = Waiting::default();
    let mut at = 0;
    // What lies in one may be another.
    while let Some(tar_file) = inventory.tar_files.get(at).cloned() {
        at += 1;
        let Some(identity) = inventory.identities.get(tar_file.export) else {
            continue;
        };
        let (send, receive) = sync_channel(2);
        let tar_file = &tar_file;
        std::thread::scope(|scope| {
            scope.spawn(move || send_members(tar_file, &send));
            tar_files.record(run, known, (tar_file, identity), &receive)
        })?;
        for (name, section) in tar_files.inner.drain(..) {
            inventory.inner(&tar_file.container, &name, section);
        }
    }
    inventory.tell(&mut run.report());
    tar_files.late_evidence |= !inventory.evidence.is_empty() && !tar_files.written.is_empty();
    known.read(run, inventory);
    inventory.members.append(&mut tar_files.members);
    inventory
        .members
        .sort_by_key(|member| (member.kind.day(), member.kind));
    Ok(tar_files)
}

impl Waiting {
    /// Takes in what the other thread sends.
    fn record(
        &mut self,
        run: &Run<'_>,
        known: &mut Known,
        (tar_file, identity): (&TarFile, &Identity),
        passed: &Receiver<Passed>,
    ) -> Result<(), Error> {
        for passed in passed {
            match passed {
                Passed::Skip(skip) => run.report().skip(skip),
                Passed::Foreign => run.report().foreign += 1,
                Passed::Read(bytes) => run.progress.tell(Event::Advances(bytes)),
                Passed::Archive(name, section) => self.inner.push((name, section)),
                Passed::File(file) => {
                    let source = Source {
                        archive: Some(&tar_file.container.path),
                        name: &file.name,
                    };
                    if let Some(day) = file.kind.day() {
                        known.exports.has_day(identity, day);
                        self.keep(run, tar_file, &file, &source);
                    } else {
                        self.late_evidence |= !self.written.is_empty();
                        known.decode(run, file.kind, &file.bytes, &source, identity);
                    }
                }
            }
            if self.bytes > run.request.waiting_bytes {
                self.flush(run, known)?;
            }
        }
        Ok(())
    }

    fn keep(&mut self, run: &Run<'_>, tar_file: &TarFile, file: &File, source: &Source<'_>) {
        let export = (tar_file.made, tar_file.export);
        let kept_file = match files::decode(run, file.kind, export, &file.bytes, source) {
            Ok(Read::Json(block, day_bounds)) => KeptMember {
                block,
                day_bounds: Some(day_bounds),
            },
            Ok(Read::Csv(block)) => KeptMember {
                block,
                day_bounds: None,
            },
            Ok(Read::Stored(..) | Read::Nothing) => return,
            Err(refusal) => return run.report().skip(Skip::file(source, refusal)),
        };
        self.bytes += kept_file.block.size() + size_of::<Member>();
        self.members.push(Member {
            kind: file.kind,
            place: Location::Kept(self.kept.len()),
            name: Box::default(),
            made: tar_file.made,
            export: tar_file.export,
            bytes: 0,
        });
        self.kept.push(kept_file);
    }

    /// Imports what waits.
    fn flush(&mut self, run: &Run<'_>, known: &mut Known) -> Result<(), Error> {
        known.recall(run)?;
        self.members
            .sort_by_key(|member| (member.kind.day(), member.kind));
        let batch = stage::Batch {
            members: &self.members,
            zips: &[],
            kept: &self.kept,
            earlier: &self.written,
            again: false,
        };
        stage::perform(run, known, batch)?;
        self.written.extend(stage::days_around(&self.members));
        self.members.clear();
        self.kept.clear();
        self.bytes = 0;
        Ok(())
    }
}

/// Inflates a tar file and sends what is wanted; ends early if nobody listens.
fn send_members(tar_file: &TarFile, send: &SyncSender<Passed>) {
    let mut told = 0;
    let container = &tar_file.container;
    let result = container.open().and_then(|section| {
        tar::visit(&section, tar_file.gzip, |mut passing, read| {
            let passed = match judge(passing.path) {
                Named::Wanted(kind) => pass(container, kind, &mut passing),
                Named::Archive => pass_archive(container, &mut passing),
                Named::Foreign => Passed::Foreign,
                named @ (Named::NoDay | Named::Elsewhere(_)) => refusal(named)
                    .map_or(Passed::Foreign, |refusal| {
                        skip(container, passing.path, refusal)
                    }),
            };
            // Who does not listen any more has failed, and says so itself.
            let _ = send.send(passed);
            let _ = send.send(Passed::Read(read - told));
            told = read;
        })
    });
    let refused = result.err();
    let skip = refused.map(|refusal| Skip::file(container.path.display(), refusal));
    let _ = skip.map(|skip| send.send(Passed::Skip(skip)));
    let _ = send.send(Passed::Read(tar_file.bytes.saturating_sub(told)));
}

fn pass(container: &Container, kind: Kind, passing: &mut tar::Passing<'_, '_>) -> Passed {
    let most = kind.max_bytes();
    if passing.size > most {
        let refusal = Refusal::too_large(passing.size, most);
        return skip(container, passing.path, refusal);
    }
    let (mut bytes, mut inflated) = (Vec::new(), Vec::new());
    let offset = passing.offset;
    let read = passing.read(&mut bytes);
    let read = read.map_err(|_| Refusal::at(offset, "the archive is damaged or cut short here"));
    match read.and_then(|()| gunzip(&bytes, most, &mut inflated)) {
        Ok(gzipped) => Passed::File(File {
            kind,
            name: String::from_utf8_lossy(passing.path).into_owned(),
            bytes: if gzipped { inflated } else { bytes },
        }),
        Err(refusal) => skip(container, passing.path, refusal),
    }
}

fn pass_archive(container: &Container, passing: &mut tar::Passing<'_, '_>) -> Passed {
    let name = String::from_utf8_lossy(passing.path).into_owned();
    let size = passing.size;
    match Section::unpacked(passing.reader(), size) {
        Ok(section) => Passed::Archive(name, section),
        Err(refusal) => skip(container, name.as_bytes(), refusal),
    }
}

fn skip(container: &Container, name: &[u8], refusal: Refusal) -> Passed {
    Passed::Skip(Skip::member(
        &container.path,
        &String::from_utf8_lossy(name),
        refusal,
    ))
}
