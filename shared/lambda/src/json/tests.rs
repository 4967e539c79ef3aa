//! Reading JSON that strangers sent.

use super::*;

#[test]
fn ten_thousand_brackets_are_refused_without_recursion_and_strings_do_not_count() {
    let deep = "[".repeat(10_000);
    let problem = object(deep.as_bytes()).unwrap_err();
    assert_eq!(problem.status, 400);
    let quoted = format!(r#"{{"a":"{}\"["}}"#, "[".repeat(100));
    assert!(object(quoted.as_bytes()).is_ok());
    assert_eq!(depth(r#"{"a":[1,{"b":2}]}"#), 3);
}

#[test]
fn all_faults_are_told_at_once_and_no_value_is_quoted() {
    let map =
        object(r#"{"a":1,"b":"张三张三","extra张三":1,"when":"张三","c":{"d":7}}"#.as_bytes())
            .unwrap();
    let mut fields = Fields::new(map);
    fields.text("a", (1, 3));
    fields.text("b", (1, 3));
    fields.text("missing", (1, 3));
    fields.instant("when", Timestamp::MAX);
    fields.inside("c", |c| c.optional_text("d", (1, 3)));
    let problem = fields.finish().unwrap_err();
    let names: Vec<_> = problem.errors.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(names, ["a", "b", "missing", "when", "c.d", "*"]);
    assert!(!format!("{problem:?}").contains("张三"));
}

#[test]
fn lists_numbers_and_angles_have_their_edges() {
    let fields = |text: &str| Fields::new(object(text.as_bytes()).unwrap());
    let parse: (fn(&str) -> Option<String>, &str) = (|text| Some(text.to_owned()), "a text");
    let mut good = fields(r#"{"a":["x","y"],"b":10,"c":180,"d":-0.0000014,"e":null}"#);
    assert_eq!(good.list("a", 2, parse), ["x", "y"]);
    assert_eq!(good.whole("b", 1..=10), 10);
    assert_eq!((good.degrees("c", 180), good.degrees("d", 90)), (180_000_000, -1));
    assert!(good.list("e", 2, parse).is_empty());
    good.finish().unwrap();
    let mut bad = fields(r#"{"a":["x",7,"x"],"b":11,"c":180.1,"d":"1","e":["x","y","z"]}"#);
    bad.list("a", 3, parse);
    bad.whole("b", 1..=10);
    bad.degrees("c", 180);
    bad.degrees("d", 90);
    bad.list("e", 2, parse);
    let problem = bad.finish().unwrap_err();
    let names: Vec<_> = problem.errors.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(names, ["a", "a", "b", "c", "d", "e"]);
}

#[test]
fn bytes_that_are_not_utf8_are_named_by_position() {
    let problem = object(b"{\"a\":\"\xff\"}").unwrap_err();
    assert!(problem.detail.unwrap().contains("at 6"));
}

#[test]
fn a_list_of_objects_names_the_item_and_its_field() {
    let map = object(r#"{"a":[{"n":"x"},{"n":"","o":1},7],"b":[{},{}],"c":7}"#.as_bytes()).unwrap();
    let mut fields = Fields::new(map);
    let read = |item: &mut Fields| item.text("n", (1, 3));
    assert_eq!(fields.objects("a", 3, read), ["x", ""]);
    assert!(fields.objects("b", 1, read).is_empty());
    assert!(fields.objects("c", 1, read).is_empty());
    assert!(fields.objects("d", 1, read).is_empty());
    let problem = fields.finish().unwrap_err();
    let names: Vec<_> = problem.errors.iter().map(|fault| fault.field.as_str()).collect();
    assert_eq!(names, ["a.n", "a.*", "a", "b", "c", "d"]);
    assert!(problem.errors[0].expected.starts_with("in item 2: "));
}
