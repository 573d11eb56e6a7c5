//! The days that were asked for last.

use chrono::NaiveDate;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

type Days<T> = VecDeque<(NaiveDate, Arc<OnceLock<T>>)>;

/// As many days as there is room for.
#[derive(Debug)]
pub struct Kept<T> {
    room: usize,
    days: Mutex<Days<T>>,
}

impl<T> Kept<T> {
    /// Nothing yet.
    pub fn new(room: usize) -> Self {
        Self {
            room,
            days: Mutex::default(),
        }
    }

    /// A day, made by whoever asks first; two threads that ask for the same one make it once.
    pub fn get(&self, date: NaiveDate, make: impl FnOnce() -> T) -> Arc<OnceLock<T>> {
        let day = {
            let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
            let found = days.iter().position(|(known, _)| *known == date);
            let entry = found.and_then(|at| days.remove(at));
            let entry = entry.unwrap_or_else(|| (date, Arc::default()));
            let day = Arc::clone(&entry.1);
            days.push_front(entry);
            days.truncate(self.room);
            day
        };
        day.get_or_init(make);
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_so_many_days_are_kept() {
        let kept = Kept::new(3);
        for date in NaiveDate::default().iter_days().take(10) {
            assert_eq!(kept.get(date, || date).get(), Some(&date));
        }
        let days = kept.days.lock().unwrap_or_else(PoisonError::into_inner);
        assert_eq!(days.len(), 3);
    }
}
