//! The template's language: parameters, conditions and the intrinsic functions (`!Ref`, `!GetAtt`,
//! `!Sub`, `!If`), and a place in the document that knows its own path.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::{Context as _, bail, ensure};
use serde_norway::{Mapping, Value};

use super::{ACCOUNT_ID, STACK_NAME};
use crate::engines::REGION;

/// The type of resource that a route's target names inside a `!Sub`.
pub(super) const INTEGRATION: &str = "AWS::ApiGatewayV2::Integration";

/// The attribute of a plain `!Ref`.
pub(super) const REF: &str = "Ref";

/// Text of a plain YAML value; nothing for lists, mappings, tags and null.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Null | Value::Sequence(_) | Value::Mapping(_) | Value::Tagged(_) => None,
    }
}

/// An intrinsic function and its argument, in the short form (`!Sub x`) or the long (`Fn::Sub: x`).
fn call(value: &Value) -> Option<(String, &Value)> {
    match value {
        Value::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            Some((tag.trim_start_matches('!').to_owned(), &tagged.value))
        }
        Value::Mapping(mapping) if mapping.len() == 1 => {
            let (key, argument) = mapping.iter().next()?;
            let key = key.as_str()?;
            let name = key.strip_prefix("Fn::").or((key == REF).then_some(key))?;
            Some((name.to_owned(), argument))
        }
        _ => None,
    }
}

/// The template as a whole, with its parameters set.
#[derive(Debug)]
pub(super) struct Scope<'a> {
    root: &'a Value,
    parameters: BTreeMap<String, String>,
}

impl<'a> Scope<'a> {
    /// Sets the parameters: `overrides` first, the template's defaults otherwise.
    pub(super) fn new(
        root: &'a Value,
        overrides: &BTreeMap<String, String>,
    ) -> anyhow::Result<Self> {
        ensure!(root.get("Resources").is_some(), "the template has no Resources");
        let mut scope = Self { root, parameters: BTreeMap::new() };
        for (name, declared) in scope.section("Parameters") {
            let default = declared.get("Default").and_then(scalar);
            let value =
                overrides.get(name).cloned().or(default).with_context(|| {
                    format!("parameter {name} has neither a value nor a default")
                })?;
            if let Some(allowed) = declared.get("AllowedValues").and_then(Value::as_sequence) {
                ensure!(
                    allowed.iter().any(|one| scalar(one).as_ref() == Some(&value)),
                    "parameter {name}: {value} is not one of its AllowedValues"
                );
            }
            scope.parameters.insert(name.to_owned(), value);
        }
        for name in overrides.keys() {
            ensure!(scope.parameters.contains_key(name), "there is no parameter {name}");
        }
        Ok(scope)
    }

    /// The entries of a top-level section; none when it is absent.
    fn section(&self, name: &str) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let section: Option<&'a Mapping> = self.root.get(name).and_then(Value::as_mapping);
        section.into_iter().flatten().filter_map(|(key, value)| Some((key.as_str()?, value)))
    }

    fn entry(&self, section: &str, name: &str) -> Option<&'a Value> {
        self.root.get(section)?.get(name)
    }

    /// Where the defaults of all functions are.
    pub(super) fn function_defaults(&self) -> Option<Node<'a, '_>> {
        let value = self.entry("Globals", "Function")?;
        Some(Node { scope: self, value, at: "Globals.Function:".to_owned() })
    }

    /// The resource with this logical id.
    pub(super) fn resource(&self, logical: &str) -> Option<Node<'a, '_>> {
        let value = self.entry("Resources", logical)?;
        Some(Node { scope: self, value, at: format!("resource {logical}:") })
    }

    /// The type of the resource with this logical id; empty when there is none.
    pub(super) fn kind(&self, logical: &str) -> &'a str {
        self.entry("Resources", logical)
            .and_then(|resource| resource.get("Type"))
            .and_then(Value::as_str)
            .unwrap_or_default()
    }

    /// The logical ids of all resources of the type `kind` whose condition, if any, holds.
    pub(super) fn resources_of(&self, kind: &str) -> anyhow::Result<Vec<&'a str>> {
        let mut found = Vec::new();
        for (logical, resource) in self.section("Resources") {
            if self.kind(logical) != kind {
                continue;
            }
            let holds = match resource.get("Condition").and_then(Value::as_str) {
                Some(name) => {
                    self.condition(name).with_context(|| format!("resource {logical}"))?
                }
                None => true,
            };
            if holds {
                found.push(logical);
            }
        }
        Ok(found)
    }

    fn condition(&self, name: &str) -> anyhow::Result<bool> {
        let value = self
            .entry("Conditions", name)
            .with_context(|| format!("there is no condition {name}"))?;
        self.holds(&Node { scope: self, value, at: format!("condition {name}:") })
    }

    fn holds(&self, node: &Node<'a, '_>) -> anyhow::Result<bool> {
        let Some((name, value)) = call(node.value) else {
            bail!("{} is not a condition function", node.at);
        };
        let argument = Node { value, ..node.clone() };
        if name == "Condition" {
            return self.condition(&argument.text()?);
        }
        let items = argument.items()?;
        match (name.as_str(), items.as_slice()) {
            ("Equals", [left, right]) => Ok(left.text()? == right.text()?),
            ("Not", [one]) => Ok(!self.holds(one)?),
            ("And", all) => all.iter().try_fold(true, |sofar, one| Ok(self.holds(one)? && sofar)),
            ("Or", all) => all.iter().try_fold(false, |sofar, one| Ok(self.holds(one)? || sofar)),
            _ => bail!("{} {name} of {} is not understood", node.at, items.len()),
        }
    }

    /// What `!Ref name` or `${name}` stands for; nothing for `AWS::NoValue`.
    fn lookup(&self, name: &str) -> anyhow::Result<Option<Resolved>> {
        let text = match name {
            "AWS::NoValue" => return Ok(None),
            "AWS::StackName" => STACK_NAME,
            "AWS::AccountId" => ACCOUNT_ID,
            "AWS::Region" => REGION,
            "AWS::Partition" => "aws-cn",
            "AWS::URLSuffix" => "amazonaws.com.cn",
            _ => match self.parameters.get(name) {
                Some(value) => value,
                None if self.kind(name).is_empty() => {
                    bail!("{name} is neither a parameter nor a resource")
                }
                None => {
                    let (logical, attribute) = (name.to_owned(), REF.to_owned());
                    return Ok(Some(Resolved::Reference { logical, attribute }));
                }
            },
        };
        Ok(Some(Resolved::Text(text.to_owned())))
    }
}

/// What a value comes to.
#[derive(Debug)]
pub(super) enum Resolved {
    /// Text, known here.
    Text(String),
    /// A resource, or one of its attributes: what it comes to depends on where it runs.
    Reference {
        /// The resource's logical id.
        logical: String,
        /// The attribute, or [`REF`].
        attribute: String,
    },
}

/// A value in the template that knows where it stands, for the errors.
#[derive(Debug, Clone)]
pub(super) struct Node<'a, 's> {
    scope: &'s Scope<'a>,
    value: &'a Value,
    at: String,
}

impl<'a, 's> Node<'a, 's> {
    /// Where this is, such as `resource StepIntake: Properties.Timeout`.
    pub(super) fn at(&self) -> &str {
        &self.at
    }

    /// The template that this is part of.
    pub(super) fn scope(&self) -> &'s Scope<'a> {
        self.scope
    }

    fn below(&self, key: &str, value: &'a Value) -> Self {
        let separator = if self.at.ends_with(':') { " " } else { "." };
        Self { scope: self.scope, value, at: format!("{}{separator}{key}", self.at) }
    }

    /// The property at the end of `path`, or `None` where one on the way is absent.
    pub(super) fn find(&self, path: &[&str]) -> anyhow::Result<Option<Self>> {
        let mut here = self.clone();
        for key in path {
            let Some(value) = here.mapping()?.get(*key) else { return Ok(None) };
            match here.below(key, value).settle()? {
                Some(next) => here = next,
                None => return Ok(None),
            }
        }
        Ok(Some(here))
    }

    /// The property at the end of `path`, which must be there.
    pub(super) fn need(&self, path: &[&str]) -> anyhow::Result<Self> {
        self.find(path)?.with_context(|| {
            let separator = if self.at.ends_with(':') { " " } else { "." };
            format!("{}{separator}{} is missing", self.at, path.join("."))
        })
    }

    /// Follows `!If`; nothing where that ends at `AWS::NoValue`.
    fn settle(self) -> anyhow::Result<Option<Self>> {
        let Some((name, argument)) = call(self.value) else { return Ok(Some(self)) };
        match (name.as_str(), argument) {
            ("If", argument) => {
                let Some([name, yes, no]) = argument.as_sequence().map(Vec::as_slice) else {
                    bail!("{}: If needs a condition and two values", self.at);
                };
                let name = scalar(name).unwrap_or_default();
                let holds = self.scope.condition(&name).with_context(|| self.at.clone())?;
                Self { value: if holds { yes } else { no }, ..self }.settle()
            }
            (REF, Value::String(name)) if name == "AWS::NoValue" => Ok(None),
            _ => Ok(Some(self)),
        }
    }

    fn mapping(&self) -> anyhow::Result<&'a Mapping> {
        match (self.value, call(self.value)) {
            (Value::Mapping(mapping), None) => Ok(mapping),
            _ => bail!("{} is not a mapping", self.at),
        }
    }

    /// The properties below this one, in order.
    pub(super) fn entries(&self) -> anyhow::Result<Vec<(String, Self)>> {
        let mut entries = Vec::new();
        for (key, value) in self.mapping()? {
            let key =
                scalar(key).with_context(|| format!("{} has a key that is not plain", self.at))?;
            if let Some(node) = self.below(&key, value).settle()? {
                entries.push((key, node));
            }
        }
        Ok(entries)
    }

    /// The items of this list.
    pub(super) fn items(&self) -> anyhow::Result<Vec<Self>> {
        let Value::Sequence(items) = self.value else { bail!("{} is not a list", self.at) };
        let mut nodes = Vec::new();
        for (index, value) in items.iter().enumerate() {
            let item = Self { scope: self.scope, value, at: format!("{}[{index}]", self.at) };
            nodes.extend(item.settle()?);
        }
        Ok(nodes)
    }

    /// What this comes to.
    pub(super) fn resolve(&self) -> anyhow::Result<Resolved> {
        self.evaluate().with_context(|| self.at.clone())
    }

    fn evaluate(&self) -> anyhow::Result<Resolved> {
        let Some((name, argument)) = call(self.value) else {
            return scalar(self.value).map(Resolved::Text).context("is not a plain value");
        };
        match (name.as_str(), argument) {
            (REF, Value::String(name)) => {
                self.scope.lookup(name)?.context("AWS::NoValue is no value")
            }
            ("Sub", Value::String(text)) => Ok(Resolved::Text(self.substitute(text)?)),
            ("GetAtt", Value::String(path)) => {
                let (logical, attribute) =
                    path.split_once('.').context("GetAtt needs Resource.Attribute")?;
                ensure!(!self.scope.kind(logical).is_empty(), "there is no resource {logical}");
                let (logical, attribute) = (logical.to_owned(), attribute.to_owned());
                Ok(Resolved::Reference { logical, attribute })
            }
            _ => bail!("this use of {name} is not understood by the local city"),
        }
    }

    fn substitute(&self, text: &str) -> anyhow::Result<String> {
        let mut done = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            let (name, tail) = after.split_once('}').context("a ${ is not closed")?;
            done.push_str(before);
            match self.scope.lookup(name)?.context("AWS::NoValue is no value")? {
                Resolved::Text(value) => done.push_str(&value),
                // An integration's id is made up by the cloud; its logical id serves as well.
                Resolved::Reference { logical, .. } if self.scope.kind(&logical) == INTEGRATION => {
                    done.push_str(&logical);
                }
                Resolved::Reference { logical, .. } => {
                    bail!("what {logical} comes to inside Sub is known to the cloud only")
                }
            }
            rest = tail;
        }
        done.push_str(rest);
        Ok(done)
    }

    /// This as text; a reference to a resource is not text.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        match self.resolve()? {
            Resolved::Text(text) => Ok(text),
            Resolved::Reference { logical, .. } => {
                bail!("{}: text was expected, not a reference to {logical}", self.at)
            }
        }
    }

    /// This as a whole number.
    pub(super) fn number<N: FromStr>(&self) -> anyhow::Result<N> {
        let text = self.text()?;
        text.parse().ok().with_context(|| format!("{}: {text} is no such number", self.at))
    }
}
