//! The first page: what the report is, from what it was made, its totals, and who answers for it.

use super::figures::Figures;
use super::words;
use crate::table::Cell;
use crate::xlsx::Cover;

/// The title of the report.
pub(super) fn title(figures: &Figures) -> String {
    format!("一诉一议经费报告 Fund report {}", figures.period)
}

/// That the report is preliminary, if it is.
pub(super) fn mark(figures: &Figures) -> Option<String> {
    let words = "预报 Preliminary：本期尚未结束，数字会变。The period is not over, and figures will change.";
    (!figures.over).then(|| words.to_owned())
}

/// What the report is, and its totals.
pub(super) fn pairs(figures: &Figures) -> Vec<(String, Cell)> {
    let (totals, counts) = (&figures.totals, &figures.counts);
    let state = if figures.over { "正式 Final" } else { "预报 Preliminary" };
    let until = words::time(figures.period.until().plus_millis(-1000));
    let pair = |name: &str, cell: Cell| (name.to_owned(), cell);
    vec![
        pair("地区 Region", Cell::text(&figures.region)),
        pair(
            "期间 Period",
            Cell::Text(format!("{} – {until}", words::time(figures.period.from()))),
        ),
        pair("状态 State", Cell::text(state)),
        pair("账簿截至 Journal as of", Cell::Text(words::time(figures.as_of))),
        pair("期末可用 Available", Cell::Money(totals.available)),
        pair("期末预留 Reserved", Cell::Money(totals.reserved)),
        pair("期末已付 Paid", Cell::Money(totals.paid)),
        pair("本期支付笔数 Payments", Cell::count(figures.payouts.len())),
        pair("本期申请 Applications", {
            let counts = [counts.asked, counts.approved, counts.refused].map(|one| one.count);
            let [asked, approved, refused] = counts;
            Cell::Text(format!(
                "申请 {asked}，批准 {approved}，不予支持 {refused} – {asked} made, {approved} approved, {refused} refused"
            ))
        }),
        pair("异常 Anomalies", Cell::count(figures.anomalies.len())),
    ]
}

/// How far each journal had come.
pub(super) fn heads(figures: &Figures) -> Vec<Vec<String>> {
    let heading = ["账户 Account", "末条分录 Last entry", "哈希 Head"].map(str::to_owned).to_vec();
    let rows = figures.position.iter().map(|position| {
        vec![position.account.clone(), position.seq.to_string(), position.head.clone()]
    });
    std::iter::once(heading).chain(rows).collect()
}

/// Who signs.
pub(super) fn signers() -> Vec<String> {
    ["制表 Made by", "复核 Checked by", "审批 Approved by"].map(str::to_owned).to_vec()
}

/// How to check the report.
pub(super) fn notes() -> Vec<String> {
    [
        "如何核对：① manifest.json 列有各文件的 SHA-256 并有签名；② 各表合计与净额均为公式，可追溯到“流水”，“差额”必须为 0.00；③ 同一账簿、同一期间再次生成，文件逐字节相同；④ 上表的末条分录与哈希应与账簿一致。",
        "How to check: (1) manifest.json has the SHA-256 of each file and is signed; (2) totals and nets are formulas that lead to the sheet of entries, and every difference must be 0.00; (3) made again from the same journal for the same period, every file has the same bytes; (4) last entries and heads above must be those of the journal.",
        "金额单位：元；账簿以分记账，无舍入。Amounts are in yuan; the journal has whole fen, and nothing is rounded.",
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The cover of the workbook.
pub(super) fn of(figures: &Figures) -> Cover {
    Cover {
        sheet: "封面",
        title: title(figures),
        mark: mark(figures),
        pairs: pairs(figures),
        heads: heads(figures),
        signers: signers(),
        notes: notes(),
    }
}
