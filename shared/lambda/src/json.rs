//! Reading JSON that strangers sent: every fault names its field and what would be right, and
//! nothing of what was sent is ever quoted, for it is somebody's name.

use contracts::{FieldFault, Problem};
use domain::Timestamp;
use serde_json::{Map, Value};

/// The members of an object that is being read.
pub type JsonObject = Map<String, Value>;

/// Deeper JSON is refused before it is read.
pub const DEPTH_MAX: usize = 32;

/// Reads a body as one JSON object.
///
/// # Errors
/// A 400 problem saying what is wrong and where.
pub fn object(body: &[u8]) -> Result<Map<String, Value>, Problem> {
    let problem = || Problem::new(400, "not-json", "The body is not the JSON that is expected");
    let text = std::str::from_utf8(body).map_err(|e| {
        problem().detail(format!(
            "The body is not UTF-8: the first wrong byte is at {}.",
            e.valid_up_to()
        ))
    })?;
    if depth(text) > DEPTH_MAX {
        return Err(problem().detail(format!("The body is nested deeper than {DEPTH_MAX} levels.")));
    }
    let value: Value = serde_json::from_str(text).map_err(|e| {
        problem().detail(format!(
            "The body stops being JSON at line {}, column {}.",
            e.line(),
            e.column()
        ))
    })?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            Err(problem().detail("The body must be one JSON object."))
        }
    }
}

/// How deep the brackets outside strings are nested. It reads every byte once and never recurses.
fn depth(text: &str) -> usize {
    let (mut depth, mut deepest, mut in_string, mut escaped) = (0_usize, 0, false, false);
    for byte in text.bytes() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            b'{' | b'[' if !in_string => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b'}' | b']' if !in_string => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Takes fields out of an object and gathers all faults, so that the caller hears of them at once.
#[derive(Debug)]
pub struct Fields {
    path: String,
    map: Map<String, Value>,
    faults: Vec<FieldFault>,
}

impl Fields {
    /// The fields of a whole body.
    #[must_use]
    pub fn new(map: Map<String, Value>) -> Self {
        Self { path: String::new(), map, faults: Vec::new() }
    }

    fn fault(&mut self, name: &str, expected: impl Into<String>) {
        self.faults
            .push(FieldFault { field: format!("{}{name}", self.path), expected: expected.into() });
    }

    /// Whether the field is there and not `null`.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.map.get(name).is_some_and(|value| !value.is_null())
    }

    /// A required text of `min` to `max` characters. Returns an empty text after noting a fault.
    pub fn text(&mut self, name: &str, (min, max): (usize, usize)) -> String {
        match self.optional_text(name, (min, max)) {
            Some(text) => text,
            None => {
                if !self.faults.iter().any(|fault| fault.field == format!("{}{name}", self.path)) {
                    self.fault(name, format!("required: a text of {min} to {max} characters"));
                }
                String::new()
            }
        }
    }

    /// A required identifier: 1 to `max` characters without white space, so that no blank or line
    /// break makes two of one.
    pub fn identifier(&mut self, name: &str, max: usize) -> String {
        let expected = format!("required: 1 to {max} characters without white space");
        match self.map.remove(name) {
            Some(Value::String(text))
                if (1..=max).contains(&text.chars().count())
                    && !text.chars().any(|c| c.is_whitespace() || c.is_control()) =>
            {
                text
            }
            _ => {
                self.fault(name, expected);
                String::new()
            }
        }
    }

    /// An optional text of `min` to `max` characters; `null` counts as absent.
    pub fn optional_text(&mut self, name: &str, (min, max): (usize, usize)) -> Option<String> {
        let expected = format!("a text of {min} to {max} characters");
        match self.map.remove(name)? {
            Value::Null => None,
            Value::String(text) if has_control(&text) => {
                self.fault(name, "a text without control characters");
                None
            }
            Value::String(text) if min > 0 && text.trim().is_empty() => {
                self.fault(name, "a text that is not blank");
                None
            }
            Value::String(text) if (min..=max).contains(&text.chars().count()) => Some(text),
            Value::String(_)
            | Value::Bool(_)
            | Value::Number(_)
            | Value::Array(_)
            | Value::Object(_) => {
                self.fault(name, expected);
                None
            }
        }
    }

    /// An optional `true` or `false`.
    pub fn optional_bool(&mut self, name: &str) -> Option<bool> {
        match self.map.remove(name)? {
            Value::Null => None,
            Value::Bool(value) => Some(value),
            Value::String(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.fault(name, "true or false");
                None
            }
        }
    }

    /// A required instant that is not later than `latest`.
    pub fn instant(&mut self, name: &str, latest: Timestamp) -> Timestamp {
        let text = self.text(name, (1, 40));
        if text.is_empty() {
            return latest;
        }
        match Timestamp::parse(&text) {
            Ok(instant) if instant <= latest => return instant,
            Ok(_) => self.fault(name, "a time that is not in the future"),
            Err(fault) => self.fault(name, fault.0),
        }
        latest
    }

    /// An optional word of a closed list, read by `parse`.
    pub fn optional_word<T>(
        &mut self,
        name: &str,
        parse: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        let expected = format!("one of {}", words.join(", "));
        match self.map.remove(name)? {
            Value::Null => None,
            Value::String(text) => {
                let word = parse(&text);
                if word.is_none() {
                    self.fault(name, expected);
                }
                word
            }
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
                self.fault(name, expected);
                None
            }
        }
    }

    /// A required word of a closed list; `None` after noting a fault.
    pub fn word<T>(
        &mut self,
        name: &str,
        parse: fn(&str) -> Option<T>,
        words: &[&str],
    ) -> Option<T> {
        if !self.map.contains_key(name) {
            self.fault(name, format!("required: one of {}", words.join(", ")));
        }
        self.optional_word(name, parse, words)
    }

    /// Reads an optional object inside this one.
    pub fn inside<T: Default>(&mut self, name: &str, read: impl FnOnce(&mut Self) -> T) -> T {
        match self.map.remove(name) {
            None | Some(Value::Null) => T::default(),
            Some(Value::Object(map)) => {
                let mut fields =
                    Self { path: format!("{}{name}.", self.path), map, faults: Vec::new() };
                let value = read(&mut fields);
                fields.note_unknown();
                self.faults.append(&mut fields.faults);
                value
            }
            Some(Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_)) => {
                self.fault(name, "an object");
                T::default()
            }
        }
    }

    /// A required list of 1 to `max` objects, each read by `read`. A fault says which item it is in.
    pub fn objects<T>(&mut self, name: &str, max: usize, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let items = match self.map.remove(name) {
            Some(Value::Array(items)) if (1..=max).contains(&items.len()) => items,
            _ => {
                self.fault(name, format!("required: a list of 1 to {max} objects"));
                return Vec::new();
            }
        };
        let mut all = Vec::with_capacity(items.len());
        for (at, item) in (1..).zip(items) {
            let Value::Object(map) = item else {
                self.fault(name, format!("item {at} an object"));
                continue;
            };
            let mut fields =
                Self { path: format!("{}{name}.", self.path), map, faults: Vec::new() };
            all.push(read(&mut fields));
            fields.note_unknown();
            self.faults.extend(fields.faults.into_iter().map(|fault| FieldFault {
                expected: format!("in item {at}: {}", fault.expected),
                ..fault
            }));
        }
        all
    }

    /// An optional list of at most `max` texts, no two of them the same, each read by `parse`.
    pub fn list<T: PartialEq>(
        &mut self,
        name: &str,
        max: usize,
        (parse, what): (fn(&str) -> Option<T>, &str),
    ) -> Vec<T> {
        let items = match self.map.remove(name) {
            None | Some(Value::Null) => return Vec::new(),
            Some(Value::Array(items)) if items.len() <= max => items,
            Some(_) => {
                self.fault(name, format!("a list of at most {max}, each {what}"));
                return Vec::new();
            }
        };
        let mut read: Vec<T> = Vec::with_capacity(items.len());
        for (at, item) in (1..).zip(&items) {
            match item.as_str().and_then(parse) {
                Some(value) if read.contains(&value) => {
                    self.fault(name, format!("item {at} another one than those before it"));
                }
                Some(value) => read.push(value),
                None => self.fault(name, format!("item {at} {what}")),
            }
        }
        read
    }

    /// A required whole number within `range`; its lower end after noting a fault.
    pub fn whole(&mut self, name: &str, range: std::ops::RangeInclusive<u32>) -> u32 {
        let number = self.map.remove(name).as_ref().and_then(Value::as_u64);
        let number = number.and_then(|number| u32::try_from(number).ok());
        number.filter(|number| range.contains(number)).unwrap_or_else(|| {
            let (from, to) = range.into_inner();
            self.fault(name, format!("required: a whole number from {from} to {to}"));
            from
        })
    }

    /// A required angle of at most `limit` degrees either way, in millionths of a degree; 0 after
    /// noting a fault.
    pub fn degrees(&mut self, name: &str, limit: u8) -> i32 {
        let degrees = self.map.remove(name).as_ref().and_then(Value::as_f64);
        if let Some(degrees) = degrees.filter(|degrees| degrees.abs() <= f64::from(limit)) {
            // At most 180 million: it fits.
            return (degrees * 1e6).round() as i32;
        }
        self.fault(name, format!("required: a number of degrees from -{limit} to {limit}"));
        0
    }

    /// A fault the caller found itself.
    pub fn note(&mut self, name: &str, expected: &str) {
        self.fault(name, expected);
    }

    /// An unknown field is refused rather than lost; its name is not repeated, it could be anything.
    fn note_unknown(&mut self) {
        if !self.map.is_empty() {
            let expected =
                format!("no other fields than the contract's ({} unknown)", self.map.len());
            self.fault("*", expected);
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// A 422 problem that names every wrong field.
    pub fn finish(mut self) -> Result<(), Problem> {
        self.note_unknown();
        if self.faults.is_empty() {
            return Ok(());
        }
        let mut problem =
            Problem::new(422, "wrong-fields", "Some fields are not as the contract says");
        problem.errors = self.faults;
        Err(problem)
    }
}

fn has_control(text: &str) -> bool {
    text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests;
