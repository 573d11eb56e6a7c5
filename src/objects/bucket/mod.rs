//! Objects in a bucket of S3, Amazon's or another server's.
//!
//! The library of the field signs, finds credentials and speaks the protocol; [`wire`] is the way of each request, and what
//! a refusal means. What is ours is [`Objects::replace`]: the object is looked at, and written on condition that it is what
//! was seen. After an answer that leaves it open whether the bytes are there (a lost connection, a conflict, a condition
//! that does not hold) another look decides. On a server without conditions the look alone is what there is.

mod driver;
mod trouble;
mod wire;

use super::{BucketError, Error, Object, Objects, Trouble};
use crate::environment::Aws;
use crate::http;
use bytes::Bytes;
use driver::Driver;
use object_store::aws::{AmazonS3, AmazonS3Builder};
use object_store::list::{PaginatedListOptions, PaginatedListStore};
use object_store::path::Path;
use object_store::{
    BackoffConfig, GetOptions, GetRange, GetResult, ListResult, ObjectStore, ObjectStoreExt,
    PutMode, PutOptions, RetryConfig, UpdateVersion,
};
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use trouble::Failed;

/// How often a condition may fail to hold although the object is what it was.
const LOOKS: usize = 5;

/// A bucket, or the part of one below a prefix.
#[derive(Debug, Clone)]
pub struct Bucket {
    inner: Arc<Inner>,
    driver: Arc<Driver>,
}

#[derive(Debug)]
struct Inner {
    store: AmazonS3,
    /// `s3://bucket/prefix`, for messages.
    address: String,
    prefix: String,
    /// The server has not said yet that it knows no conditions.
    conditional: AtomicBool,
}

impl Bucket {
    /// A bucket with what the environment says about it. Nothing is asked of the server yet.
    ///
    /// # Errors
    /// Fails when the environment says nonsense.
    pub fn open(bucket: &str, prefix: &str, aws: &Aws) -> Result<Self, BucketError> {
        http::install_cryptography();
        let address = match prefix {
            "" => format!("s3://{bucket}"),
            prefix => format!("s3://{bucket}/{prefix}"),
        };
        let failed = |trouble| BucketError {
            what: format!("could not open {address}"),
            trouble,
        };
        if let Some(problem) = in_the_open(aws) {
            return Err(failed(Trouble::Settings(problem)));
        }
        let mut builder = AmazonS3Builder::new();
        for (name, value) in aws.iter() {
            // Variables of other programs of Amazon's are none of ours.
            if let Ok(key) = name.to_ascii_lowercase().parse() {
                builder = builder.with_config(key, value);
            }
        }
        let store = builder
            .with_bucket_name(bucket)
            .with_http_connector(wire::Patient::default())
            .with_retry(RetryConfig {
                backoff: BackoffConfig::default(),
                max_retries: 0,
                retry_timeout: Duration::ZERO,
            })
            // Deletion in bulk is the one that servers leave out.
            .with_disable_bulk_delete(true)
            .build()
            .map_err(|error| failed(trouble::of_settings(&error)))?;
        let driver = Driver::new()
            .map_err(|error| failed(Trouble::Refused(format!("no thread for it: {error}"))))?;
        Ok(Self {
            inner: Arc::new(Inner {
                store,
                address,
                prefix: prefix.to_owned(),
                conditional: AtomicBool::new(true),
            }),
            driver: Arc::new(driver),
        })
    }

    /// Does `work`; `doing` says what for, where it fails.
    fn run<T, F>(
        &self,
        doing: &str,
        name: &str,
        work: impl FnOnce(Arc<Inner>, String) -> F,
    ) -> Result<T, Error>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, Failed>> + Send + 'static,
    {
        let result = self
            .driver
            .run(work(Arc::clone(&self.inner), name.to_owned()));
        result.map_err(|failed| {
            let trouble = match failed {
                Failed::For(trouble) => trouble,
                Failed::Absent => Trouble::NoBucket,
                Failed::Other | Failed::Unconditional => Trouble::Refused(
                    "the server refuses the condition, although it holds".to_owned(),
                ),
            };
            Error::Bucket(BucketError {
                what: format!("could not {doing} {}", self.inner.locate(name)),
                trouble,
            })
        })
    }
}

impl Inner {
    fn locate(&self, name: &str) -> String {
        match name {
            "" => self.address.clone(),
            name => format!("{}/{name}", self.address),
        }
    }

    /// The whole key of a name.
    fn key(&self, name: &str) -> String {
        match self.prefix.as_str() {
            "" => name.to_owned(),
            prefix if name.is_empty() => prefix.to_owned(),
            prefix => format!("{prefix}/{name}"),
        }
    }

    fn path(&self, name: &str) -> Path {
        Path::from(self.key(name))
    }

    /// What comes before the names below a folder.
    fn before(&self, folder: &str) -> String {
        match self.key(folder) {
            key if key.is_empty() => key,
            key => format!("{key}/"),
        }
    }

    /// All pages of a listing, each handed to `take`.
    async fn pages(
        &self,
        folder: &str,
        delimiter: bool,
        mut take: impl FnMut(ListResult) + Send,
    ) -> Result<(), Failed> {
        let before = self.before(folder);
        let mut page_token = None;
        loop {
            let options = PaginatedListOptions {
                delimiter: delimiter.then(|| "/".into()),
                page_token,
                ..PaginatedListOptions::default()
            };
            let prefix = Some(before.as_str()).filter(|before| !before.is_empty());
            let page = self.store.list_paginated(prefix, options).await;
            let page = page.map_err(|error| trouble::of(&error))?;
            take(page.result);
            page_token = page.page_token;
            if page_token.is_none() {
                return Ok(());
            }
        }
    }

    async fn get(&self, name: &str, range: Option<GetRange>) -> Result<Option<Found>, Failed> {
        let options = GetOptions {
            range,
            ..GetOptions::default()
        };
        let got = match self.store.get_opts(&self.path(name), options).await {
            Ok(got) => Found::whole(got).await,
            Err(error) => Err(error),
        };
        match got.map_err(|error| trouble::of(&error)) {
            Ok(found) => Ok(Some(found)),
            Err(Failed::Absent) => Ok(None),
            Err(failed) => Err(failed),
        }
    }

    async fn put(&self, name: &str, bytes: Bytes, mode: PutMode) -> Result<(), Failed> {
        let options = PutOptions::from(mode);
        let path = self.path(name);
        let put = self.store.put_opts(&path, bytes.into(), options).await;
        put.map(drop).map_err(|error| trouble::of(&error))
    }

    async fn replace(
        &self,
        name: &str,
        before: Option<Bytes>,
        bytes: Bytes,
    ) -> Result<bool, Failed> {
        for look in 0..LOOKS {
            let found = self.get(name, None).await?;
            let now = found.as_ref().map(|found| &found.bytes);
            // An earlier try of ours came through, and its answer was lost.
            if look > 0 && now == Some(&bytes) {
                return Ok(true);
            }
            if now != before.as_ref() {
                return Ok(false);
            }
            let conditional = self.conditional.load(Ordering::Relaxed);
            let mode = match found {
                None if conditional => PutMode::Create,
                Some(Found { version, .. }) if conditional && version.e_tag.is_some() => {
                    PutMode::Update(version)
                }
                _ => PutMode::Overwrite,
            };
            match self.put(name, bytes.clone(), mode).await {
                Ok(()) => return Ok(true),
                Err(Failed::Unconditional) if conditional => {
                    self.conditional.store(false, Ordering::Relaxed);
                }
                Err(Failed::Other) => {}
                Err(failed) => return Err(failed),
            }
        }
        Err(Failed::Other)
    }

    async fn delete(&self, name: &str) -> Result<(), Failed> {
        let deleted = self.store.delete(&self.path(name)).await;
        match deleted.map_err(|error| trouble::of(&error)) {
            Err(Failed::Absent) => Ok(()),
            done => done,
        }
    }
}

/// A server that is reached without encryption, where nobody has said that this is meant.
fn in_the_open(aws: &Aws) -> Option<String> {
    let allowed = |(name, value): (&str, &str)| {
        name == "AWS_ALLOW_HTTP" && !matches!(value, "false" | "0" | "no" | "off")
    };
    let mut servers = aws
        .iter()
        .filter(|(name, value)| name.starts_with("AWS_ENDPOINT") && value.starts_with("http://"));
    let (name, value) = servers.next().filter(|_| !aws.iter().any(allowed))?;
    Some(format!(
        "{name} is {value}, which is not encrypted; AWS_ALLOW_HTTP=true allows that"
    ))
}

/// An object and its version.
struct Found {
    bytes: Bytes,
    version: UpdateVersion,
}

impl Found {
    async fn whole(got: GetResult) -> object_store::Result<Self> {
        let version = UpdateVersion {
            e_tag: got.meta.e_tag.clone(),
            version: got.meta.version.clone(),
        };
        let bytes = got.bytes().await?;
        Ok(Self { bytes, version })
    }
}

impl Objects for Bucket {
    fn list(&self, folder: &str) -> Result<Vec<Object>, Error> {
        self.run("list", folder, |inner, folder| async move {
            let before = inner.before(&folder);
            let skipped = inner.before("").len();
            let mut all = Vec::new();
            let take = |page: ListResult| {
                let objects = page.objects.into_iter().filter_map(|object| {
                    let key = object.location.to_string();
                    // A key that is a folder's name alone is the mark that consoles make.
                    let name = key.strip_prefix(&before).map(|_| &key[skipped..])?;
                    Some(Object {
                        name: name.to_owned(),
                        bytes: object.size,
                    })
                });
                all.extend(objects);
            };
            inner.pages(&folder, false, take).await?;
            all.sort_unstable();
            Ok(all)
        })
    }

    fn folders(&self, folder: &str) -> Result<Vec<String>, Error> {
        self.run("list", folder, |inner, folder| async move {
            let mut all = Vec::new();
            let take = |page: ListResult| {
                let names = page.common_prefixes.iter();
                all.extend(names.filter_map(|path| path.filename().map(str::to_owned)));
            };
            inner.pages(&folder, true, take).await?;
            all.sort_unstable();
            all.dedup();
            Ok(all)
        })
    }

    fn read(&self, name: &str) -> Result<Option<Bytes>, Error> {
        self.run("read", name, |inner, name| async move {
            Ok(inner.get(&name, None).await?.map(|found| found.bytes))
        })
    }

    fn read_tail(&self, name: &str, length: u64) -> Result<Option<Bytes>, Error> {
        self.run("read", name, move |inner, name| async move {
            match inner.get(&name, Some(GetRange::Suffix(length))).await {
                // A server that knows no ranges, or an object of no bytes.
                Err(Failed::For(Trouble::Refused(_)) | Failed::Other) => {
                    let whole = inner.get(&name, None).await?;
                    let length = usize::try_from(length).unwrap_or(usize::MAX);
                    Ok(whole.map(|Found { bytes, .. }| {
                        bytes.slice(bytes.len().saturating_sub(length)..)
                    }))
                }
                found => Ok(found?.map(|found| found.bytes)),
            }
        })
    }

    fn put(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        let bytes = Bytes::copy_from_slice(bytes);
        self.run("write", name, |inner, name| async move {
            inner.put(&name, bytes, PutMode::Overwrite).await
        })
    }

    fn replace(&self, name: &str, before: Option<&[u8]>, bytes: &[u8]) -> Result<bool, Error> {
        let before = before.map(Bytes::copy_from_slice);
        let bytes = Bytes::copy_from_slice(bytes);
        self.run("write", name, |inner, name| async move {
            inner.replace(&name, before, bytes).await
        })
    }

    /// The library knows no condition for this: what another writes between the look and the deletion goes, too.
    fn remove(&self, name: &str, before: &[u8]) -> Result<bool, Error> {
        let before = Bytes::copy_from_slice(before);
        self.run("remove", name, |inner, name| async move {
            let found = inner.get(&name, None).await?;
            if found.map(|found| found.bytes) != Some(before) {
                return Ok(false);
            }
            inner.delete(&name).await.map(|()| true)
        })
    }

    fn delete(&self, name: &str) -> Result<(), Error> {
        self.run("remove", name, |inner, name| async move {
            inner.delete(&name).await
        })
    }

    /// What is half written is nowhere.
    fn sweep(&self, _: &str, _: &dyn Fn(&str) -> bool) {}

    /// What a server has answered lasts.
    fn flush(&self) {}

    fn locate(&self, name: &str) -> PathBuf {
        PathBuf::from(self.inner.locate(name))
    }
}
