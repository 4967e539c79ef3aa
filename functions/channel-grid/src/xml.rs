//! A batch as XML, as the members of an object an event, so that one reader reads all channels'
//! messages.
//!
//! No document type, hence no entity of its own: only the five of XML and characters by number are
//! resolved, and nothing grows while it is read.

use contracts::Problem;
use lambda::Unread;
use lambda::json::JsonObject;
use quick_xml::Reader;
use quick_xml::escape::escape;
use quick_xml::events::{BytesRef, BytesStart, Event};
use serde_json::{Map, Number, Value};

/// The longest batch, in bytes.
pub(crate) const BODY_BYTES_MAX: usize = 1024 * 1024;
/// So many events one batch may hold: they are taken one after the other, within one answer.
const EVENTS_MAX: usize = 100;
/// `events`, `event`, a field, a field within: nothing that is meant is deeper.
const DEPTH_MAX: usize = 8;
/// The names of the outer two elements.
const ROOT: &str = "events";
const ITEM: &str = "event";
/// The fields that are numbers.
const NUMBERS: [&str; 2] = ["lat", "lon"];
/// Stands for an attribute, or for text between elements: the reader knows no such field.
const UNKNOWN: &str = "?";

/// An element being read.
#[derive(Default)]
struct Element {
    name: String,
    text: String,
    members: JsonObject,
}

/// What is wrong, without a word of what was sent: where, in bytes, and what is not taken.
struct Fault(u64, &'static str);

/// The events of a batch.
///
/// # Errors
/// A 400 problem for what is not such XML, a 413 for too many events; neither quotes anything.
pub fn events(body: &[u8]) -> Result<Vec<JsonObject>, Problem> {
    let text = std::str::from_utf8(body).map_err(|fault| {
        let at = u64::try_from(fault.valid_up_to()).unwrap_or(u64::MAX);
        problem(&Fault(at, "a byte that is not UTF-8"))
    })?;
    let root = read(text).map_err(|fault| problem(&fault))?;
    if root.name != ROOT || root.members.keys().any(|name| name != ITEM && name != UNKNOWN) {
        return Err(problem(&Fault(0, "another document than `events` with `event` in it")));
    }
    let mut members = root.members;
    let events = match members.remove(ITEM) {
        Some(Value::Array(all)) => all,
        Some(one) => vec![one],
        None => return Err(Problem::new(400, "empty", "The body holds no event")),
    };
    if events.len() > EVENTS_MAX {
        let problem = Problem::new(413, "too-large", "The batch is too long");
        return Err(problem.detail(format!("At most {EVENTS_MAX} events.")));
    }
    let object =
        |event| if let Value::Object(members) = event { members } else { JsonObject::new() };
    Ok(events.into_iter().map(object).collect())
}

/// The `item`-th event of a batch that can be read, counted from nought: its element as it came, and its
/// fields a line each, or the element where it has none.
pub(crate) fn unread(body: &[u8], item: usize) -> Option<Unread> {
    let element = element_at(std::str::from_utf8(body).ok()?, item)?;
    let mut unread = Unread::text(element.as_bytes());
    // Read by itself: to read the whole batch for each of its events would take a batch's square.
    let members = events(format!("<{ROOT}>{element}</{ROOT}>").as_bytes()).ok()?.pop()?;
    if !members.is_empty() {
        unread.words = lines("", &members);
    }
    Some(unread)
}

fn lines(outer: &str, members: &JsonObject) -> String {
    let line = |(name, value): (&String, &Value)| match value {
        Value::Object(inside) => lines(&format!("{outer}{name}."), inside),
        Value::String(text) => format!("{outer}{name}: {text}\n"),
        other => format!("{outer}{name}: {other}\n"),
    };
    members.iter().map(line).collect()
}

/// The text of the `item`-th element below the root.
fn element_at(text: &str, item: usize) -> Option<&str> {
    let mut reader = Reader::from_str(text);
    let (mut depth, mut seen, mut from) = (0_usize, 0_usize, 0_usize);
    loop {
        let at = usize::try_from(reader.buffer_position()).ok()?;
        let closes = match reader.read_event().ok()? {
            Event::Start(_) => {
                from = if depth == 1 { at } else { from };
                depth += 1;
                false
            }
            Event::Empty(_) => {
                from = if depth == 1 { at } else { from };
                depth == 1
            }
            Event::End(_) => {
                depth = depth.saturating_sub(1);
                depth == 1
            }
            Event::Eof => return None,
            _ => false,
        };
        if closes && seen == item {
            return text.get(from..usize::try_from(reader.buffer_position()).ok()?);
        }
        seen += usize::from(closes);
    }
}

fn problem(Fault(at, what): &Fault) -> Problem {
    let problem = Problem::new(400, "not-xml", "The body is not the XML that is expected");
    problem.detail(format!("At byte {at}: {what}."))
}

/// Reads the whole document into its root.
fn read(text: &str) -> Result<Element, Fault> {
    let mut reader = Reader::from_str(text);
    let mut open: Vec<Element> = Vec::new();
    let mut root = None;
    loop {
        let at = reader.buffer_position();
        let malformed = |_quoting| Fault(at, "a mark that is not well-formed");
        match reader.read_event().map_err(malformed)? {
            Event::Start(start) => {
                if open.len() == DEPTH_MAX || root.is_some() {
                    return Err(Fault(at, "an element that is nested too deep or comes too late"));
                }
                open.push(element(&start));
            }
            Event::Empty(start) => {
                close(&mut open, &mut root, element(&start));
            }
            Event::End(_) => {
                let one = open.pop().ok_or(Fault(at, "an end without its beginning"))?;
                close(&mut open, &mut root, one);
            }
            Event::Text(text) => add(&mut open, &text),
            Event::CData(text) => add(&mut open, &text),
            Event::GeneralRef(name) => {
                let text = resolved(&name).ok_or(Fault(at, "an entity that XML does not have"))?;
                add(&mut open, &text);
            }
            Event::DocType(_) => return Err(Fault(at, "a document type")),
            Event::PI(_) => return Err(Fault(at, "a processing instruction")),
            Event::Comment(_) | Event::Decl(_) => {}
            Event::Eof if open.is_empty() => return root.ok_or(Fault(at, "no element at all")),
            Event::Eof => return Err(Fault(at, "the end, before all elements have theirs")),
        }
    }
}

fn element(start: &BytesStart<'_>) -> Element {
    let name = start.name().as_ref().to_owned();
    let mut members = JsonObject::new();
    // A name space may be declared; nothing else is said in attributes.
    if start.attributes().any(|one| !one.is_ok_and(|one| one.key.as_ref().starts_with("xmlns"))) {
        members.insert(UNKNOWN.to_owned(), Value::Bool(true));
    }
    Element { name, text: String::new(), members }
}

/// The text of a reference to a character or to one of XML's own five entities.
fn resolved(name: &BytesRef<'_>) -> Option<String> {
    match name.resolve_char_ref() {
        Ok(Some(one)) => return Some(one.to_string()),
        Ok(None) => {}
        Err(_quoting) => return None,
    }
    let one = match &**name {
        "lt" => "<",
        "gt" => ">",
        "amp" => "&",
        "apos" => "'",
        "quot" => "\"",
        _ => return None,
    };
    Some(one.to_owned())
}

fn add(open: &mut [Element], text: &str) {
    if let Some(innermost) = open.last_mut() {
        innermost.text.push_str(text);
    }
}

/// An element is over: it becomes a member of the one around it.
fn close(open: &mut [Element], root: &mut Option<Element>, mut one: Element) {
    let Some(outer) = open.last_mut() else {
        *root = Some(one);
        return;
    };
    let text = one.text.trim();
    let value = if one.members.is_empty() {
        leaf(&one.name, text)
    } else {
        if !text.is_empty() {
            one.members.insert(UNKNOWN.to_owned(), Value::Bool(true));
        }
        Value::Object(one.members)
    };
    // The same name again makes a list, of which the reader tells where one text is meant.
    let value = match outer.members.remove(&one.name) {
        None => value,
        Some(Value::Array(mut all)) => {
            all.push(value);
            Value::Array(all)
        }
        Some(first) => Value::Array(vec![first, value]),
    };
    outer.members.insert(one.name, value);
}

/// An empty element is an absent field.
fn leaf(name: &str, text: &str) -> Value {
    if text.is_empty() {
        return Value::Null;
    }
    let number = NUMBERS.contains(&name).then(|| text.parse().ok().and_then(Number::from_f64));
    number.flatten().map_or_else(|| Value::String(text.to_owned()), Value::Number)
}

/// One event's feedback: the members as elements, in the platform's XML.
pub(crate) fn feedback(members: &Map<String, Value>) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<events><event>");
    for (name, value) in members {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        xml.push_str(&format!("<{name}>{}</{name}>", escape(&text)));
    }
    xml.push_str("</event></events>");
    xml
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn objects(inside: &str) -> Value {
        let body = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<events>{inside}</events>");
        json!(events(body.as_bytes()).unwrap())
    }

    #[test]
    fn elements_become_members() {
        let event = "<event><a> 1 &lt;&#x4E00;&amp; </a><b><lat>35.8</lat><lon>x</lon></b><c/><!-- no -->\
                     <d><![CDATA[<e>&f;]]></d><g>1</g><g>2</g></event>";
        let wanted = json!({
            "a": "1 <一&", "b": { "lat": 35.8, "lon": "x" }, "c": null, "d": "<e>&f;", "g": ["1", "2"],
        });
        assert_eq!(objects(event), json!([wanted]));
        assert_eq!(objects("<event/><event>x</event>"), json!([{}, {}]));
    }

    #[test]
    fn an_attribute_or_a_loose_text_is_a_member_that_nobody_knows() {
        let loose = objects("<event>x<a>1</a></event>");
        let attribute = objects("<event id=\"7\"><a>1</a></event>");
        for one in [loose, attribute] {
            assert_eq!(one, json!([{ "?": true, "a": "1" }]));
        }
        assert_eq!(objects("<event xmlns=\"urn:x\"><a>1</a></event>"), json!([{ "a": "1" }]));
    }

    #[test]
    fn of_an_event_that_is_not_understood_its_element_is_kept_and_its_fields_are_read() {
        let body = "<events><!-- x --><event><a>1 &lt;</a><b><c>2</c></b></event>\n<event/>\
                    <event>灯坏了</event></events>";
        let of = |item| unread(body.as_bytes(), item).map(|one| (one.raw, one.words));
        let (raw, words) = of(0).unwrap();
        assert_eq!(raw, b"<event><a>1 &lt;</a><b><c>2</c></b></event>");
        assert_eq!(words, "a: 1 <\nb.c: 2\n");
        assert_eq!(of(1).unwrap(), (b"<event/>".to_vec(), "<event/>".to_owned()));
        assert_eq!(of(2).unwrap().1, "<event>灯坏了</event>");
        assert_eq!(of(3), None);
        assert_eq!(unread(b"<events>", 0), None);
    }

    #[test]
    fn what_it_is_told_is_xml_whatever_the_reply_says() {
        let members = Map::from_iter([("reply".to_owned(), json!("a<b>&\"c\"]]>"))]);
        let told = feedback(&members);
        assert_eq!(json!(events(told.as_bytes()).unwrap()), json!([{ "reply": "a<b>&\"c\"]]>" }]));
    }

    #[test]
    fn no_entity_expands_and_no_depth_overflows() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><events><event>&b;</event></events>";
        let foreign = "<!DOCTYPE x SYSTEM \"http://127.0.0.1/x.dtd\"><events/>";
        let deep = "<events>".repeat(100_000);
        let bad = [
            bomb,
            foreign,
            &deep,
            "<events><event>&b;</event></events>",
            "<events><event></events>",
            "<events/><events/>",
            "<event/>",
            "<events><other/></events>",
            "text",
            "",
            "<events>&#xFFFFFFFF;</events>",
            "<?x y?><events/>",
            "<events><event><a></b></event></events>",
        ];
        for body in bad {
            let problem = events(body.as_bytes()).unwrap_err();
            assert_eq!(problem.status, 400, "{}", &body[..body.len().min(60)]);
        }
        assert_eq!(events(b"<events>\xff</events>").unwrap_err().status, 400);
        let many = |count| format!("<events>{}</events>", "<event/>".repeat(count));
        assert_eq!(events(many(EVENTS_MAX + 1).as_bytes()).unwrap_err().status, 413);
        assert_eq!(events(many(EVENTS_MAX).as_bytes()).unwrap().len(), EVENTS_MAX);
    }
}
