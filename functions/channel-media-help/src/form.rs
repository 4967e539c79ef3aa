//! A form (multipart/form-data, RFC 7578) as the members of an object, so that one reader reads all
//! channels' messages.

use std::convert::Infallible;

use contracts::Problem;
use futures_util::{FutureExt as _, stream};
use lambda::json::JsonObject;
use multer::{Constraints, Error, Multipart, SizeLimit, parse_boundary};
use serde_json::Value;

/// The longest form, in bytes. It holds words only: photos are uploaded apart.
pub(crate) const BODY_BYTES_MAX: usize = 256 * 1024;
/// The longest part, in bytes; a text of 20,000 characters fits.
const PART_BYTES_MAX: u64 = 128 * 1024;
/// So many parts are read; the contract knows fewer.
const PARTS_MAX: usize = 32;
/// The part that may come again and again, and is a list.
const LIST: &str = "photo";
/// The part that is yes or no.
const YES_OR_NO: &str = "broadcast";

/// What can be wrong with a form as a whole.
enum Fault {
    Form,
    Text,
    Many,
    File,
}

impl From<Error> for Fault {
    /// The library's errors may quote a part's name, so none of its words are passed on.
    fn from(_quoting: Error) -> Self {
        Self::Form
    }
}

/// The parts of a form: a name with a full stop leads into an object, an empty part is absent, the
/// same name again makes a list.
///
/// # Errors
/// A 400 problem for what is no such form, a 422 for a file in it; neither quotes anything.
pub fn members(content_type: Option<&str>, body: &[u8]) -> Result<JsonObject, Problem> {
    let boundary = content_type.and_then(|text| parse_boundary(text).ok());
    let boundary = boundary.ok_or_else(|| {
        Problem::new(400, "not-a-form", "The body is not the form that is expected")
            .detail("The header `content-type` must be `multipart/form-data` with its `boundary`.")
    })?;
    // All of the body is here: what is not ready at once never will be.
    let parts = parts(boundary, body.to_vec()).now_or_never().unwrap_or(Err(Fault::Form));
    let mut members = JsonObject::new();
    for (name, text) in parts.map_err(|fault| problem(&fault))? {
        insert(&mut members, &name, text);
    }
    Ok(members)
}

/// What a person can read in a form that was not understood: its texts a line each, up to where it breaks
/// off. `None` when there are none.
pub(crate) fn words(content_type: Option<&str>, body: &[u8]) -> Option<String> {
    let boundary = parse_boundary(content_type?).ok()?;
    let lines = readable(boundary, body.to_vec()).now_or_never()?;
    (!lines.is_empty()).then_some(lines)
}

async fn readable(boundary: String, body: Vec<u8>) -> String {
    let (mut form, mut lines) = (form(boundary, body), String::new());
    while let Ok(Some(part)) = form.next_field().await {
        let file = part.file_name().is_some_and(|name| !name.is_empty());
        let name = part.name().unwrap_or_default().to_owned();
        let Ok(bytes) = part.bytes().await else { break };
        if !file {
            lines.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&bytes)));
        }
    }
    lines
}

fn form(boundary: String, body: Vec<u8>) -> Multipart<'static> {
    let limit = SizeLimit::new().whole_stream(BODY_BYTES_MAX as u64).per_field(PART_BYTES_MAX);
    let body = stream::iter([Ok::<_, Infallible>(body)]);
    Multipart::with_constraints(body, boundary, Constraints::new().size_limit(limit))
}

async fn parts(boundary: String, body: Vec<u8>) -> Result<Vec<(String, String)>, Fault> {
    let mut form = form(boundary, body);
    let mut parts = Vec::new();
    while let Some(part) = form.next_field().await? {
        if parts.len() == PARTS_MAX {
            return Err(Fault::Many);
        }
        let name = part.name().unwrap_or_default().to_owned();
        let file = part.file_name().is_some_and(|name| !name.is_empty());
        let bytes = part.bytes().await?;
        if file {
            return Err(Fault::File);
        }
        let text = String::from_utf8(bytes.to_vec()).map_err(|_bytes| Fault::Text)?;
        parts.push((name, text));
    }
    Ok(parts)
}

fn problem(fault: &Fault) -> Problem {
    let form = || Problem::new(400, "not-a-form", "The body is not the form that is expected");
    match fault {
        Fault::Form => form()
            .detail("It is cut short, or not of parts with this boundary, or a part is too long."),
        Fault::Text => form().detail("A part is not UTF-8."),
        Fault::Many => form().detail(format!("It has more than {PARTS_MAX} parts.")),
        Fault::File => {
            Problem::new(422, "wrong-fields", "Some fields are not as the contract says")
                .field(LIST, "no file: upload it by the route `uploads`, and name the `key` here")
        }
    }
}

/// A browser sends what was left empty, and ends lines with CR LF.
fn insert(members: &mut JsonObject, name: &str, text: String) {
    if text.is_empty() {
        return;
    }
    if let Some((outer, inner)) = name.split_once('.') {
        let inside = members.entry(outer).or_insert_with(|| Value::Object(JsonObject::new()));
        if let Value::Object(inside) = inside {
            return insert_one(inside, inner, Value::String(text));
        }
    }
    let value = match text.as_str() {
        "true" | "false" if name == YES_OR_NO => Value::Bool(text == "true"),
        _ => Value::String(text.replace("\r\n", "\n")),
    };
    if name == LIST {
        let list = members.entry(name).or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(value);
        }
    } else {
        insert_one(members, name, value);
    }
}

/// The reader tells of a list where one text is meant.
fn insert_one(members: &mut JsonObject, name: &str, value: Value) {
    let value = match members.remove(name) {
        None => value,
        Some(Value::Array(mut all)) => {
            all.push(value);
            Value::Array(all)
        }
        Some(first) => Value::Array(vec![first, value]),
    };
    members.insert(name.to_owned(), value);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const TYPE: Option<&str> = Some("multipart/form-data; boundary=b");

    fn of(parts: &[(&str, &str)]) -> Vec<u8> {
        let part = |(head, text): &(&str, &str)| {
            format!("--b\r\ncontent-disposition: form-data; name={head}\r\n\r\n{text}\r\n")
        };
        let all: String = parts.iter().map(part).collect();
        (all + "--b--\r\n").into_bytes()
    }

    #[test]
    fn parts_become_members() {
        let body = of(&[
            ("\"a\"", "1\r\n2"),
            ("\"c.d\"", "x"),
            ("\"c.e\"", "y"),
            ("\"photo\"", "k1"),
            ("\"photo\"", "k2"),
            ("\"left\"", ""),
            ("\"file\"; filename=\"\"", ""),
            ("\"broadcast\"", "true"),
            ("\"a\"", "3"),
        ]);
        let wanted = json!({
            "a": ["1\n2", "3"],
            "c": { "d": "x", "e": "y" },
            "photo": ["k1", "k2"],
            "broadcast": true,
        });
        assert_eq!(Value::Object(members(TYPE, &body).unwrap()), wanted);
    }

    #[test]
    fn what_is_no_form_is_refused_and_a_file_is_told_where_to_go() {
        let good = of(&[("\"a\"", "1")]);
        assert_eq!(members(None, &good).unwrap_err().status, 400);
        assert_eq!(members(Some("application/json"), &good).unwrap_err().status, 400);
        let (cut, _) = good.split_at(good.len() - 8);
        assert_eq!(members(TYPE, cut).unwrap_err().status, 400);
        let file = of(&[("\"photo\"; filename=\"a.jpg\"", "x")]);
        let problem = members(TYPE, &file).unwrap_err();
        assert_eq!((problem.status, problem.errors[0].field.as_str()), (422, "photo"));
        let many = of(&vec![("\"a\"", "1"); PARTS_MAX + 1]);
        assert_eq!(members(TYPE, &many).unwrap_err().status, 400);
        assert!(members(TYPE, &of(&vec![("\"a\"", "1"); PARTS_MAX])).is_ok());
    }

    #[test]
    fn the_texts_of_a_form_are_read_up_to_where_it_breaks_off_and_no_file() {
        let body = of(&[
            ("\"story\"", "灯坏了"),
            ("\"photo\"; filename=\"a.jpg\"", "bytes of a photo"),
            ("\"story_id\"", "1"),
        ]);
        assert_eq!(words(TYPE, &body).unwrap(), "story: 灯坏了\nstory_id: 1\n");
        let (cut, _) = body.split_at(body.len() - 30);
        assert_eq!(words(TYPE, cut).unwrap(), "story: 灯坏了\n");
        assert_eq!(words(TYPE, b"no form"), None);
        assert_eq!(words(None, &body), None);
    }
}
