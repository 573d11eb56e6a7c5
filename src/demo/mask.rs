//! Partial responses: `fields=dataPoints(heartRate(sampleTime/physicalTime,beatsPerMinute)),nextPageToken`.

/// A selection of members; everything where nothing is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mask {
    members: Vec<(String, Self)>,
}

impl Mask {
    /// Reads a mask; `None` when brackets do not match or a name is missing.
    pub fn decode(text: &str) -> Option<Self> {
        let mut rest = text;
        let mut mask = Self::default();
        mask.decode_list(&mut rest)?;
        rest.is_empty().then_some(mask)
    }

    fn decode_list(&mut self, rest: &mut &str) -> Option<()> {
        loop {
            self.decode_path(rest)?;
            match rest.strip_prefix(',') {
                Some(more) => *rest = more,
                None => return Some(()),
            }
        }
    }

    fn decode_path(&mut self, rest: &mut &str) -> Option<()> {
        let trimmed = rest.trim_start();
        let other = |c: char| !(c.is_ascii_alphanumeric() || c == '_');
        let (name, after) = trimmed.split_at(trimmed.find(other).unwrap_or(trimmed.len()));
        if name.is_empty() {
            return None;
        }
        *rest = after.trim_start();
        let member = self.entry(name);
        if let Some(inner) = rest.strip_prefix(['/', '.']) {
            *rest = inner;
            member.decode_path(rest)?;
        } else if let Some(inner) = rest.strip_prefix('(') {
            *rest = inner;
            member.decode_list(rest)?;
            *rest = rest.trim_start().strip_prefix(')')?.trim_start();
        }
        Some(())
    }

    fn entry(&mut self, name: &str) -> &mut Self {
        let known = self.members.iter().position(|(known, _)| known == name);
        let at = known.unwrap_or(self.members.len());
        if known.is_none() {
            self.members.push((name.to_owned(), Self::default()));
        }
        &mut self.members[at].1
    }

    /// What is selected of a member; `None` if nothing is.
    pub fn member(&self, name: &str) -> Option<&Self> {
        if self.members.is_empty() {
            return Some(self);
        }
        let found = self.members.iter().find(|(known, _)| known == name);
        found.map(|(_, mask)| mask)
    }

    /// The first path that a schema, which is a mask itself, does not have. What the schema does not open may hold anything.
    pub fn outside(&self, schema: &Self) -> Option<String> {
        if schema.members.is_empty() {
            return None;
        }
        self.members.iter().find_map(|(name, inner)| {
            let Some(known) = schema.member(name) else {
                return Some(name.clone());
            };
            inner.outside(known).map(|path| format!("{name}.{path}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_slashes_and_dots_select() {
        let expected = Mask::decode("points(rate(time(at),bpm)),next");
        for mask in [
            "points/rate(time/at,bpm),next",
            "points.rate.time.at,points/rate/bpm,next",
            "points( rate( time( at ), bpm ) ), next",
        ] {
            assert_eq!(Mask::decode(mask), expected, "{mask}");
        }
        let mask = expected.unwrap_or_default();
        assert!(mask.member("next").is_some() && mask.member("source").is_none());
        for mask in ["", "a(", "a)", "a(b))", "a,,b", "/a", "a(b", "a b"] {
            assert_eq!(Mask::decode(mask), None, "{mask}");
        }
    }

    #[test]
    fn names_outside_the_schema_are_found() {
        let schema = Mask::decode("points(rate(bpm),any),next").unwrap_or_default();
        let outside = |mask| Mask::decode(mask).and_then(|mask| mask.outside(&schema));
        assert_eq!(outside("points(rate/bpm,any(x)),next"), None);
        assert_eq!(outside("points/rate/hr").as_deref(), Some("points.rate.hr"));
    }
}
