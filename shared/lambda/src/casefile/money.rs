//! What the fund's ledger says of the case, in the words of the field.

use domain::fund::{ActKind, EntryRef, Money};

/// The sentence for an entry about the case.
pub(super) fn tell(act: ActKind, amount: Option<Money>, entry: &EntryRef) -> String {
    let amount = amount.map(|amount| format!(" {amount} 元")).unwrap_or_default();
    format!("专项经费：{}{amount}（账目 {entry}）。", word(act))
}

const fn word(act: ActKind) -> &'static str {
    match act {
        ActKind::Appropriated => "拨款",
        ActKind::TransferredOut => "调出",
        ActKind::TransferredIn => "调入",
        ActKind::Applied => "申请",
        ActKind::Approved => "议定",
        ActKind::Refused => "不予支持",
        ActKind::Reserved => "预留",
        ActKind::Contracted => "签订合同或派工单",
        ActKind::Accepted => "验收",
        ActKind::Paid => "支付",
        ActKind::Released => "结项，释放",
        ActKind::Refunded => "退款",
        ActKind::Reversed => "冲正",
        ActKind::CarriedOut => "结转下年",
        ActKind::CarriedIn => "上年结转",
        ActKind::ClosedOver => "年终结转",
        ActKind::Opened => "年初结余",
        ActKind::ClosedOut => "上缴国库",
    }
}
