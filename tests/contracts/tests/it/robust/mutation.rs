//! Mutations that know a little of what they change: where values begin and end, and what parsers of
//! JSON, XML, forms and mails stumble over.

use std::ops::Range;

use rand::RngExt as _;
use rand::rngs::StdRng;

/// What parsers stumble over.
const MORSELS: &[&[u8]] = &[
    b"\0",
    b"\xff\xfe",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r\n",
    b"\n",
    b"\r\n\r\n",
    b"\"",
    b"\\u0000",
    b"\\ud800",
    b"{",
    b"]]>",
    b"<![CDATA[",
    b"<!DOCTYPE a [<!ENTITY a \"&a;&a;\">]>",
    b"&#0;",
    b"&#x110000;",
    b"&a;",
    b"--lianxin-sample",
    b"--lianxin-sample--",
    b"null",
    b"true",
    b"=?gb18030?B?",
    b"=?x?Q?=FF?=",
    b"Content-Type: multipart/mixed; boundary=\"\"",
    b"Content-Transfer-Encoding: base64\r\n",
    b"\xe2\x80\xae",
    "样例民甲".as_bytes(),
];
/// Numbers that do not fit, or hardly.
const NUMBERS: &[&str] = &[
    "-1",
    "-0",
    "1e999",
    "1e-999",
    "0.1",
    "2147483648",
    "9223372036854775808",
    "340282366920938463463374607431768211456",
    "2026-13-45T99:99:99+99:99",
    "9999999999999999999999999999999999999999",
];
/// What opens, what is repeated, what closes. With a few of them it is well-formed; with many it is
/// deep, or long.
const NESTS: &[(&str, &str, &str)] = &[
    ("[", "0", "]"),
    ("{\"a\":", "0", "}"),
    ("<a>", "b", "</a>"),
    ("<event>", "b", "</event>"),
    ("--lianxin-sample\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n", "b", "\r\n"),
    ("Content-Type: message/rfc822\r\n\r\n", "b", "\r\n"),
    ("(", "b", ")"),
];
const LISTS: &[(&str, &str, &str)] = &[
    ("[", "0,", "0]"),
    ("[", "{},", "0]"),
    ("{", "\"a\":0,", "\"b\":0}"),
    ("\"", "灯", "\""),
    ("\"", "\\u706f", "\""),
    ("", "9", ""),
    ("", " ", ""),
    ("", "\n", ""),
    ("", "{}\n", ""),
    ("<b>", "<a/>", "</b>"),
    ("<b>", "&lt;", "</b>"),
    ("<a ", "b=\"c\" ", "/>"),
    ("", "=?utf-8?Q?=E7?= ", ""),
    ("", "a:\r\n", ""),
    ("", "a,", ""),
    ("", "--lianxin-sample\r\n\r\n", ""),
];
/// Between these bytes values begin and end, in each of the forms.
const EDGES: &[u8] = b"\"<>{}[],:;=\r\n";

/// A sample with a change or a few, mostly one: many would always break its form. At most one byte more
/// than `max` is left of it.
pub(super) fn mutated(rng: &mut StdRng, sample: &[u8], other: &[u8], max: usize) -> Vec<u8> {
    let mut body = sample.to_vec();
    change(rng, &mut body, other, max);
    while rng.random_range(0..3) == 0 {
        change(rng, &mut body, other, max);
    }
    body.truncate(max + 1);
    body
}

fn change(rng: &mut StdRng, body: &mut Vec<u8>, other: &[u8], max: usize) {
    let middle = rng.random_range(0..=body.len());
    let (at, new) = match rng.random_range(0..4) {
        0 => {
            // A line, which is a member, an element or a header: gone, twice, or another sample's.
            let at = line(body, middle);
            let new = match rng.random_range(0..3) {
                0 => Vec::new(),
                1 => body[at.clone()].repeat(2),
                _ => other[line(other, rng.random_range(0..=other.len()))].to_vec(),
            };
            (at, new)
        }
        // A text: between tags, between quotation marks, or a line without its break.
        1 => {
            let line = &body[line(body, middle)];
            let edges: [(u8, &[u8]); 2] = [(b'>', b"<>\r\n"), (b'"', b"\"\r\n")];
            let edges = edges.iter().find(|(edge, _)| line.contains(edge));
            let edges = edges.map_or(&b"\r\n"[..], |(_, edges)| *edges);
            (between(body, middle, edges), morsel(rng, max))
        }
        2 => {
            // With its quotation marks, so that something else than a text takes its place.
            let text = between(body, middle, b"\"\r\n");
            let quoted = text.start.saturating_sub(1)..(text.end + 1).min(body.len());
            let is_quoted = body[quoted.clone()].starts_with(b"\"");
            (if is_quoted { quoted } else { text }, morsel(rng, max))
        }
        _ => return break_form(rng, body, (middle, other), max),
    };
    body.splice(at, new);
}

/// A change that takes no care of the form.
fn break_form(rng: &mut StdRng, body: &mut Vec<u8>, (middle, other): (usize, &[u8]), max: usize) {
    let any = middle..rng.random_range(middle..=body.len().min(middle + 300));
    let at = if rng.random() { between(body, middle, EDGES) } else { any };
    let new = match rng.random_range(0..6) {
        0 => Vec::new(),
        1 => body[at.clone()].repeat(2),
        2 => return body.truncate(at.start.max(1)),
        3 => vec![rng.random()],
        4 => {
            let from = rng.random_range(0..=other.len());
            other[from..rng.random_range(from..=other.len().min(from + 300))].to_vec()
        }
        _ => morsel(rng, max),
    };
    body.splice(at, new);
}

/// Something that a parser may stumble over, choke on or run out of.
fn morsel(rng: &mut StdRng, max: usize) -> Vec<u8> {
    match rng.random_range(0..4) {
        0 => MORSELS[rng.random_range(0..MORSELS.len())].to_vec(),
        1 => NUMBERS[rng.random_range(0..NUMBERS.len())].into(),
        2 => {
            let (open, inside, close) = NESTS[rng.random_range(0..NESTS.len())];
            let times = times(rng, open.len() + close.len(), max);
            [&open.repeat(times), inside, &close.repeat(times)].concat().into()
        }
        _ => {
            let (open, one, close) = LISTS[rng.random_range(0..LISTS.len())];
            [open, &one.repeat(times(rng, one.len(), max)), close].concat().into()
        }
    }
}

/// How often: mostly a few times, now and then until a body of `max` is full.
fn times(rng: &mut StdRng, bytes: usize, max: usize) -> usize {
    let most = if rng.random_range(0..24) == 0 { max / bytes } else { 300 };
    rng.random_range(1..=most)
}

/// A line with its break.
fn line(body: &[u8], middle: usize) -> Range<usize> {
    let line = between(body, middle, b"\n");
    line.start..(line.end + 1).min(body.len())
}

/// What lies around `middle`, up to the next edges.
fn between(body: &[u8], middle: usize, edges: &[u8]) -> Range<usize> {
    let (before, after) = body.split_at(middle);
    let from = before.iter().rposition(|byte| edges.contains(byte)).map_or(0, |at| at + 1);
    let to =
        after.iter().position(|byte| edges.contains(byte)).map_or(body.len(), |at| middle + at);
    from..to
}
