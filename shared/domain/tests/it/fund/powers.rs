//! Who approves how much where, and the four eyes.

use domain::fund::{AccountKind, Deed, DeedKind, FundRefusal, POWERS};

use super::city::{
    City, H1, H2, H3, L1, L2, S1, S2, accept, account, apply, appropriate, approve, contract, on,
    pay, refuse, release, reserve, yuan,
};

#[test]
fn who_may_do_what_is_as_reviewed() {
    let rows: Vec<String> = POWERS
        .iter()
        .map(|power| {
            let accounts: Vec<_> =
                power.accounts.iter().copied().map(AccountKind::as_str).collect();
            let deeds: Vec<_> = power.deeds.iter().copied().map(DeedKind::as_str).collect();
            let own = if power.own { "own " } else { "" };
            let (accounts, deeds) = (accounts.join(" "), deeds.join(" "));
            format!("{} | {own}{accounts} | {} | {deeds}", power.role, power.approves)
        })
        .collect();
    insta::assert_snapshot!(rows.join("\n"));
}

#[test]
fn each_tier_approves_up_to_its_limit_to_the_fen() {
    let own = "township.mishan/2026";
    for (who, name, limit) in [
        (H2, own, "20000"),
        (S1, own, "100000"),
        (S1, "fund/2026", "100000"),
        (S1, "centre/2026", "100000"),
    ] {
        let mut city = City::default();
        city.does(S2, on(name, appropriate("1000000")));
        let applicant = if name == own { H1 } else { H3 };
        city.does(applicant, on(name, apply(1, "900000")));
        let wants = yuan(limit).plus(yuan("0.01")).unwrap();
        let over = FundRefusal::OverLimit { account: account(name), limit: yuan(limit), wants };
        assert_eq!(city.refuses(who, on(name, approve(1, &wants.to_string()))), over);
        city.clone().does(L1, on(name, approve(1, "900000")));
        city.does(who, on(name, approve(1, limit)));
    }
}

#[test]
fn a_township_has_its_own_account_and_no_other() {
    let city = City::with(1);
    let not = |deed, name: &str| FundRefusal::NotAllowed { deed, account: account(name) };
    let fund = "fund/2026";
    for (deed, kind) in [
        (approve(1, "1"), DeedKind::Approve),
        (refuse(1), DeedKind::Refuse),
        (reserve(1), DeedKind::Reserve),
        (release(1), DeedKind::Release),
        (appropriate("1"), DeedKind::Appropriate),
        (Deed::Close { carry: true }, DeedKind::Close),
        (Deed::Reverse { entry: 1 }, DeedKind::Reverse),
    ] {
        assert_eq!(city.refuses(H1, on(fund, deed)), not(kind, fund));
    }
    let own = "township.mishan/2026";
    assert_eq!(city.refuses(H3, on(own, apply(2, "1"))), not(DeedKind::Apply, own));
    assert_eq!(city.refuses(H1, on(own, appropriate("1"))), not(DeedKind::Appropriate, own));
    for who in [L1, "staff:o1/operator/command-centre", "sweep", "channel:letters"] {
        assert_eq!(city.refuses(who, on(fund, appropriate("1"))), not(DeedKind::Appropriate, fund));
    }
}

#[test]
fn nobody_approves_or_refuses_what_they_applied_for_in_whatever_role() {
    let mut city = City::with(0);
    city.does(S1, on("fund/2026", apply(1, "10")));
    for who in [S1, "staff:s1/leader/command-centre"] {
        for deed in [approve(1, "10"), refuse(1)] {
            assert_eq!(city.refuses(who, on("fund/2026", deed)), FundRefusal::OwnApplication);
        }
    }
    city.does(L2, on("fund/2026", refuse(1)));
}

#[test]
fn nobody_pays_what_they_approved_or_reverses_what_they_wrote() {
    let own = "township.mishan/2026";
    let mut city = City::default();
    city.does(S2, on(own, appropriate("100000")));
    city.does(H1, on(own, apply(1, "10")));
    for deed in [approve(1, "10"), reserve(1), contract(1), accept(1)] {
        city.does(H2, on(own, deed));
    }
    assert_eq!(city.refuses(H2, on(own, pay(1, "10", "A"))), FundRefusal::OwnApproval);
    city.does(S1, on(own, pay(1, "10", "A")));
    assert_eq!(city.refuses(S1, on(own, Deed::Reverse { entry: 7 })), FundRefusal::OwnEntry);
    city.does(S2, on(own, Deed::Reverse { entry: 7 }));
    city.check();
}
