//! Another program computes the workbook again, from wrong values, and must come to our figures.
//!
//! The program is LibreOffice. Where it is not there, it is installed if that can be done without asking
//! anybody; else the test says `SKIPPED`. `REPORT_PICTURES=1` also makes the pictures of `docs/reports.md`.

use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;

use reports::fund::{Figures, figures};
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use super::anomalies::{odd_city, paying};
use super::files::{made, named};
use super::walks::walked;
use super::workbook::{SHEETS, computed};
use super::year::played;

/// What must be there, and in which packages of Debian it is.
const PROGRAMS: [(&str, &str); 1] = [("soffice", "libreoffice-calc-nogui")];
const PICTURE_PROGRAMS: [(&str, &str); 4] = [
    PROGRAMS[0],
    ("weasyprint", "weasyprint"),
    ("pdftoppm", "poppler-utils"),
    ("pngquant", "pngquant"),
];
/// So that Chinese is drawn as Chinese.
const FONTS: &str = "fonts-wqy-zenhei";
/// That formulas are computed when a file is opened, whatever program says it has written it.
const SETTINGS: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load"><prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"#;

fn is_there(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
        || Command::new(program).arg("-v").output().is_ok()
}

/// Whether all programs are there, or could be installed.
fn ready(programs: &[(&str, &str)]) -> bool {
    // Two installations at once would wait for each other in vain.
    static ONE: Mutex<()> = Mutex::new(());
    let _one = ONE.lock().unwrap();
    let missing: Vec<&str> =
        programs.iter().filter(|(name, _)| !is_there(name)).map(|(_, package)| *package).collect();
    if missing.is_empty() {
        return true;
    }
    let run = |args: &[&str]| {
        let output =
            Command::new("apt-get").args(args).env("DEBIAN_FRONTEND", "noninteractive").output();
        output.is_ok_and(|output| output.status.success())
    };
    let install =
        [&["install", "-y", "--no-install-recommends", FONTS], missing.as_slice()].concat();
    let is_installed = run(&["update"]) && run(&install);
    if !is_installed {
        println!(
            "SKIPPED: no other program computed the workbook: as root, apt-get install --no-install-recommends {FONTS} {}",
            missing.join(" ")
        );
    }
    is_installed
}

/// LibreOffice, with a home of its own.
struct Office {
    home: tempfile::TempDir,
}

impl Office {
    fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let user = home.path().join("profile/user");
        std::fs::create_dir_all(&user).unwrap();
        std::fs::write(user.join("registrymodifications.xcu"), SETTINGS).unwrap();
        Self { home }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Writes a file down and converts it; the converted file's path.
    fn converts(&self, name: &str, bytes: &[u8], to: &str) -> PathBuf {
        std::fs::write(self.path(name), bytes).unwrap();
        let out = self.path("out");
        let profile = format!("-env:UserInstallation=file://{}", self.path("profile").display());
        let output = Command::new("soffice")
            .args([&profile, "--headless", "--convert-to", to, "--outdir"])
            .arg(&out)
            .arg(self.path(name))
            .output()
            .unwrap();
        let extension = to.split(':').next().unwrap();
        let converted = out.join(Path::new(name).with_extension(extension));
        assert!(output.status.success() && converted.is_file(), "{output:?}");
        converted
    }
}

/// The same workbook, in which every value of a formula is wrong.
fn falsified(bytes: &[u8]) -> Vec<u8> {
    let mut old = ZipArchive::new(Cursor::new(bytes)).unwrap();
    let mut new = ZipWriter::new(Cursor::new(Vec::new()));
    for at in 0..old.len() {
        let mut file = old.by_index(at).unwrap();
        let name = file.name().unwrap().into_owned();
        let mut content = Vec::new();
        file.read_to_end(&mut content).unwrap();
        if name.starts_with("xl/worksheets/sheet") {
            content = wrong_values(&String::from_utf8(content).unwrap()).into_bytes();
        }
        new.start_file(name, SimpleFileOptions::default()).unwrap();
        new.write_all(&content).unwrap();
    }
    new.finish().unwrap().into_inner()
}

/// Every value that stands after a formula becomes -7.
fn wrong_values(xml: &str) -> String {
    let mut parts = xml.split("</f><v>");
    let mut wrong = parts.next().unwrap().to_owned();
    for part in parts {
        let (_, rest) = part.split_once("</v>").unwrap();
        wrong.push_str("</f><v>-7</v>");
        wrong.push_str(rest);
    }
    wrong
}

/// What LibreOffice computes, beside what we have.
fn compare(office: &Office, figures: &Figures) -> usize {
    let files = made(figures);
    let ours = &named(&files, ".xlsx").bytes;
    let wrong = falsified(ours);
    let there = computed(&wrong, "余额");
    assert!(there.iter().all(|(_, _, _, value)| *value == -7.0), "nothing was made wrong");
    let theirs = std::fs::read(office.converts("fund.xlsx", &wrong, "xlsx")).unwrap();
    let mut many = 0;
    for sheet in SHEETS {
        let (ours, theirs) = (computed(ours, sheet), computed(&theirs, sheet));
        assert_eq!(ours.len(), theirs.len(), "{sheet}");
        for (one, other) in ours.iter().zip(&theirs) {
            assert_eq!((one.0, one.1), (other.0, other.1));
            assert_eq!(one.3, other.3, "{sheet} {} {}: {}", one.0 + 1, one.1 + 1, one.2);
            many += 1;
        }
    }
    many
}

#[test]
fn another_program_comes_to_the_same_figures() {
    if !ready(&PROGRAMS) {
        return;
    }
    let office = Office::new();
    let city = played(20, 1_000);
    let year = figures(&city.over("2026")).unwrap();
    assert!(year.postings.len() > 3_000, "{} postings of a thousand cases", year.postings.len());
    let mut many = compare(&office, &year);
    for period in ["2026-08", "2027-01"] {
        many += compare(&office, &figures(&city.over(period)).unwrap());
    }
    // Whatever was ordered: sums that are less than nothing, closed accounts, money on its way.
    for (seed, period) in [(1, "2026-Q4"), (2, "2026-12"), (3, "2027-Q1"), (4, "2027-01")] {
        many += compare(&office, &figures(&walked(seed, 300).over(period)).unwrap());
    }
    assert!(many > 500, "{many}");
    println!("{many} figures are the same; {} entries of the year", year.postings.len());
}

/// A credit code of 18 digits is no number, and a small letter is no capital, whatever a program thinks.
#[test]
fn payees_that_look_alike_are_kept_apart_by_another_program() {
    if !ready(&PROGRAMS) {
        return;
    }
    let payees =
        ["911405810000000017", "911405810000000018", "0017", "17", "ABC", "abc", "1E2", "100"];
    let figures = figures(&paying(&payees).over("2026-03")).unwrap();
    assert_eq!(figures.payees.len(), payees.len());
    assert!(compare(&Office::new(), &figures) > 50);
}

/// What is shown in `docs/reports.md`: the file, on which page these words stand, how much of it from above in
/// points of the picture, and the picture's name.
const PICTURES: [(&str, &str, &str, &str); 5] = [
    ("fund.pdf", "封面", "600", "cover"),
    ("fund.pdf", "余额", "230", "balances"),
    ("page.pdf", "经费使用", "530", "page"),
    ("page.pdf", "各期支付", "590", "payments"),
    ("odd.pdf", "异常只是", "620", "anomalies"),
];

/// In dots per inch: small, and the figures can still be read.
const RESOLUTION: &str = "80";
/// All of A4 across.
const WIDTH: &str = "936";

/// The first page on which these words stand.
fn page_of(pdf: &Path, words: &str) -> String {
    let output = Command::new("pdftotext").arg(pdf).arg("-").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let at = text.split('\u{c}').position(|page| page.contains(words));
    at.map(|at| (at + 1).to_string()).unwrap_or_else(|| panic!("{words} is on no page"))
}

/// Draws the pictures of `docs/reports.md` again, when it is asked to.
#[test]
fn pictures_are_drawn_when_asked_for() {
    let is_asked = std::env::var_os("REPORT_PICTURES").is_some();
    if !is_asked || !ready(&PICTURE_PROGRAMS) {
        return;
    }
    let office = Office::new();
    let files = made(&figures(&played(1, 120).over("2026")).unwrap());
    let pdf = office.converts("fund.xlsx", &named(&files, ".xlsx").bytes, "pdf");
    std::fs::copy(pdf, office.path("fund.pdf")).unwrap();
    std::fs::write(office.path("page.html"), &named(&files, ".html").bytes).unwrap();
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).current_dir(office.home.path()).output();
        let output = output.unwrap();
        assert!(output.status.success(), "{program}: {output:?}");
    };
    let odd = made(&figures(&odd_city().over("2026-03")).unwrap());
    std::fs::write(office.path("odd.html"), &named(&odd, ".html").bytes).unwrap();
    run("weasyprint", &["page.html", "page.pdf"]);
    run("weasyprint", &["odd.html", "odd.pdf"]);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reports");
    std::fs::create_dir_all(&folder).unwrap();
    for (pdf, words, height, name) in PICTURES {
        let page = page_of(&office.path(pdf), words);
        let part = ["-x", "0", "-y", "0", "-W", WIDTH, "-H", height];
        let of = ["-r", RESOLUTION, "-png", "-singlefile", "-f", &page, "-l", &page, pdf, name];
        run("pdftoppm", &[&part[..], &of[..]].concat());
        let picture = folder.join(name).with_extension("png");
        let (from, to) = (format!("{name}.png"), picture.display().to_string());
        run("pngquant", &["--force", "--speed", "1", "--output", &to, "32", &from]);
    }
    if let Some(keep) = std::env::var_os("REPORT_PICTURES").filter(|keep| keep.len() > 1) {
        for pdf in ["fund.pdf", "page.pdf", "odd.pdf"] {
            std::fs::copy(office.path(pdf), Path::new(&keep).join(pdf)).unwrap();
        }
    }
}
