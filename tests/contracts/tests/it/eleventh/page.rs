//! `docs/adding-a-channel.md`: its blocks, what they are drawn from, and the template with them in it.
//!
//! A block belongs to the file that the line before it begins with. What every channel has is drawn
//! from a neighbour's lines with the names changed, so the page cannot age.

use std::collections::BTreeSet;

use crate::support::{names, path, text};

pub(super) const FILE: &str = "docs/adding-a-channel.md";
const TEMPLATE: &str = "infra/template.yaml";

/// What the neighbour says, and what the eleventh channel says there.
const NAMES: [(&str, &str); 8] = [
    ("the mediation centres sign", "the letters office signs"),
    ("cases of two parties that are confidential", "letters that were typed in"),
    (
        "mediation centres post: two parties, confidential | the centres",
        "the letters office posts | the office",
    ),
    ("| 0.4 |", "| the next |"),
    ("case_id", "letter_no"),
    ("Mediation", "Letters"),
    ("MEDIATION", "LETTERS"),
    ("mediation", "letters"),
];
/// The neighbour's own, and what is drawn from the template or from the adapters.
const OWN: [&str; 7] = [
    "functions/channel-mediation",
    "events/channels/mediation",
    "events/asyncapi.yaml",
    "tests/channel-letters",
    "tests/contracts/tests/it/eleventh",
    "tests/contracts/tests/it/eleventh.rs",
    "target",
];

fn renamed(text: &str) -> String {
    NAMES.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

fn names_neighbour(text: &str) -> bool {
    text.to_lowercase().contains("mediation")
}

/// The page, and where its blocks are.
pub(super) struct Page {
    pub(super) text: String,
    blocks: Vec<Block>,
}

struct Block {
    file: String,
    /// Of the page's lines, those within the fence.
    lines: std::ops::Range<usize>,
}

impl Page {
    pub(super) fn read() -> Self {
        let text = text(FILE);
        let lines: Vec<&str> = text.lines().collect();
        let (mut blocks, mut at) = (Vec::new(), 0);
        while at < lines.len() {
            let file = lines[at].strip_prefix('`').and_then(|rest| rest.split('`').next());
            let opens = lines.get(at + 2).is_some_and(|line| line.starts_with("```"));
            if let Some(file) = file.filter(|_| opens) {
                let length = lines[at + 3..].iter().position(|line| *line == "```").unwrap();
                blocks.push(Block { file: file.to_owned(), lines: at + 3..at + 3 + length });
                at += length + 3;
            }
            at += 1;
        }
        assert!(blocks.len() > 10, "{FILE}: the blocks were not found");
        Self { text, blocks }
    }

    fn blocks_of(&self, file: &str) -> Vec<String> {
        let lines: Vec<&str> = self.text.lines().collect();
        let blocks = self.blocks.iter().filter(|block| block.file == file);
        blocks.map(|block| lines[block.lines.clone()].join("\n") + "\n").collect()
    }

    /// The only block of a file.
    pub(super) fn block(&self, file: &str) -> String {
        self.blocks_of(file).remove(0)
    }

    /// The files of others that the page changes.
    pub(super) fn files(&self) -> BTreeSet<String> {
        let files = self.blocks.iter().map(|block| block.file.clone());
        files.filter(|file| !file.contains("letters")).collect()
    }

    /// The page with every block as it should be.
    pub(super) fn drawn(&self) -> String {
        let mut lines: Vec<String> = self.text.lines().map(str::to_owned).collect();
        for (at, block) in self.blocks.iter().enumerate().rev() {
            let earlier = self.blocks[..at].iter().filter(|one| one.file == block.file).count();
            let wanted = wanted(&block.file, earlier);
            lines.splice(block.lines.clone(), wanted.trim_end().lines().map(str::to_owned));
        }
        lines.join("\n") + "\n"
    }

    /// What of the template's blocks can be there or not: each line of the second, each resource of
    /// the first, by its first line.
    pub(super) fn parts_of_template(&self) -> Vec<String> {
        let blocks = self.blocks_of(TEMPLATE);
        let resource =
            |line: &&str| line.starts_with("  ") && line.as_bytes()[2].is_ascii_uppercase();
        let resources = blocks[0].lines().filter(resource);
        resources.chain(blocks[1].lines()).map(str::to_owned).collect()
    }

    /// The template with the page's lines, those parts that are `kept`.
    pub(super) fn applied(&self, template: &str, kept: impl Fn(&str) -> bool) -> String {
        let blocks = self.blocks_of(TEMPLATE);
        let mut new = template.to_owned();
        for line in blocks[1].lines().filter(|line| kept(line)) {
            let twin = template.lines().filter(|one| renamed(one).trim() == line.trim());
            let [twin] = *twin.collect::<Vec<_>>() else {
                panic!("{FILE}: {line} has no one twin")
            };
            let indent = &twin[..twin.len() - twin.trim_start().len()];
            new = new.replacen(twin, &format!("{twin}\n{indent}{}", line.trim()), 1);
        }
        let mut section = String::new();
        let mut keeps = true;
        for line in blocks[0].lines() {
            if line.starts_with("  ") && !line.starts_with("   ") {
                keeps = kept(line);
            }
            if keeps {
                section.push_str(line);
                section.push('\n');
            }
        }
        let before = section_of(&new).0;
        new.insert_str(before, &format!("{section}\n"));
        new
    }
}

/// Where the neighbour's section of the template begins, and its text.
fn section_of(template: &str) -> (usize, &str) {
    let from = template.find("  # ---- channel-mediation").unwrap();
    let length = template[from + 1..].find("  # ---- ").unwrap();
    (from, &template[from..=from + length])
}

/// What a block should say.
fn wanted(file: &str, earlier: usize) -> String {
    if let Some(own) = file.strip_prefix("functions/channel-letters/") {
        return text(&format!("tests/channel-letters/{own}"));
    }
    if let Some(own) = file.strip_prefix("events/channels/letters/") {
        return text(&format!("tests/channel-letters/contract/{own}"));
    }
    let all = text(file);
    let between = |from: &str, to: &str| {
        let from = all.find(from).unwrap_or_else(|| panic!("{file} has no {from}"));
        let length = all[from..].find(to).unwrap() + to.len();
        renamed(&all[from..from + length])
    };
    match (file, earlier) {
        (TEMPLATE, 0) => renamed(section_of(&all).1),
        ("tests/contracts/tests/it/wire.rs", _) => {
            between("    Wire {\n        name: \"mediation\"", "\n    },\n")
        }
        ("infra/local/src/commands/replay/forms.rs", _) => {
            between("        Channel::Mediation => (", "\n        ),\n")
        }
        ("tests/contracts/tests/it/robust.rs", _) => between("#[test]\nfn mediation()", "\n}\n"),
        _ => {
            let rest = if file == TEMPLATE { all.replace(section_of(&all).1, "") } else { all };
            let drawn = rest.split_once("<!-- coverage:begin -->").map_or(&*rest, |(own, _)| own);
            let lines = drawn.lines().filter(|line| names_neighbour(line));
            lines.map(|line| renamed(line).trim().to_owned() + "\n").collect()
        }
    }
}

/// The files that name the neighbour and are not its own.
pub(super) fn files_that_name_its_neighbour() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut folders: Vec<String> =
        ["functions", "infra", "shared", "tests", "events", ".ci"].map(str::to_owned).into();
    if names_neighbour(&text("Cargo.toml")) {
        found.insert("Cargo.toml".to_owned());
    }
    while let Some(folder) = folders.pop() {
        for name in names(&folder) {
            let inside = format!("{folder}/{name}");
            if OWN.contains(&inside.as_str()) {
                continue;
            }
            if path(&inside).is_dir() {
                folders.push(inside);
            } else if names_neighbour(&String::from_utf8_lossy(&crate::support::bytes(&inside))) {
                found.insert(inside);
            }
        }
    }
    found
}
