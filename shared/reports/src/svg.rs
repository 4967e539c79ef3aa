//! Charts, drawn by ourselves: bars side by side, without scripts and fonts of others.

use crate::html::escape;
use crate::net::Net;

/// A bar of a chart: what it is of, and its parts, one after the other.
#[derive(Clone, Debug)]
pub(crate) struct Bar {
    /// What it is of.
    pub(crate) name: String,
    /// How much of each series.
    pub(crate) parts: Vec<Net>,
    /// What stands behind it.
    pub(crate) label: String,
}

/// How long bars are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scale {
    /// All by one scale: the longest has all the room.
    Amounts,
    /// Each has all the room, and its parts are parts of itself.
    Shares,
}

/// A series of a chart.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Series {
    /// What it is called.
    pub(crate) name: &'static str,
    /// Its colour, which differs in a black and white print as well.
    pub(crate) colour: &'static str,
}

/// The chart's width.
const WIDTH: i64 = 1000;
/// The room for names on the left.
const NAMES: i64 = 280;
/// The room for amounts on the right.
const AMOUNTS: i64 = 190;
const BAR: i64 = 16;
const STEP: i64 = 22;
const LEGEND: i64 = 26;

/// Draws bars from the left to the right, one below the other.
pub(crate) fn bars(scale: Scale, series: &[Series], bars: &[Bar]) -> String {
    let height = LEGEND + STEP * i64::try_from(bars.len()).unwrap_or(0) + 4;
    let mut svg = format!(
        "<svg viewBox=\"0 0 {WIDTH} {height}\" width=\"100%\" role=\"img\" font-size=\"12\" font-family=\"inherit\">\n"
    );
    let mut x = NAMES;
    for one in series {
        rectangle(&mut svg, (x, 4), 12, one.colour);
        text(&mut svg, (x + 18, 15), "start", one.name);
        x += 200;
    }
    let total = |bar: &Bar| bar.parts.iter().map(|net| net.fen().max(0)).sum::<i64>();
    let longest = bars.iter().map(total).max().unwrap_or_default();
    for (at, bar) in (0_i64..).zip(bars) {
        let whole = if scale == Scale::Amounts { longest } else { total(bar) };
        let y = LEGEND + STEP * at;
        text(&mut svg, (NAMES - 8, y + 13), "end", &bar.name);
        let mut x = NAMES;
        for (one, part) in series.iter().zip(&bar.parts) {
            let length = scaled(part.fen().max(0), whole);
            rectangle(&mut svg, (x, y), length, one.colour);
            x += length;
        }
        text(&mut svg, (x + 6, y + 13), "start", &bar.label);
    }
    svg.push_str("</svg>\n");
    svg
}

/// How long a bar is: whole units, so that every machine draws the same.
fn scaled(fen: i64, longest: i64) -> i64 {
    let room = i128::from(WIDTH - NAMES - AMOUNTS);
    let length = (i128::from(fen) * room).checked_div(i128::from(longest)).unwrap_or_default();
    i64::try_from(length).unwrap_or_default()
}

fn rectangle(svg: &mut String, (x, y): (i64, i64), width: i64, colour: &str) {
    svg.push_str(&format!(
        "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{}\" fill=\"{colour}\" stroke=\"#333\" stroke-width=\"0.5\"/>\n",
        if y < LEGEND { 12 } else { BAR }
    ));
}

fn text(svg: &mut String, (x, y): (i64, i64), anchor: &str, words: &str) {
    svg.push_str(&format!("<text x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">"));
    escape(words, svg);
    svg.push_str("</text>\n");
}
