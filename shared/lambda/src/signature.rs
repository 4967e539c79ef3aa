//! Proof of caller by HMAC-SHA256 over timestamp and body, with a replay window.

use contracts::Problem;
use domain::Timestamp;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::channel::{Claims, Unverified};

/// The header with the time of signing, in whole seconds since the epoch.
pub const TIMESTAMP_HEADER: &str = "x-lianxin-timestamp";
/// The header with `v1=` and the signature in hexadecimal.
pub const SIGNATURE_HEADER: &str = "x-lianxin-signature";

/// How far a webhook's timestamp may be from wall time, either way: five minutes, in milliseconds.
pub const REPLAY_WINDOW_MS: i64 = 5 * Timestamp::MINUTE_MS;

/// The whole proof of a channel that signs so.
///
/// # Errors
/// A 401 problem that tells an attacker nothing and an integrator where to read.
pub fn prove(request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
    let timestamp = request.header(TIMESTAMP_HEADER).unwrap_or_default();
    let given = request.header(SIGNATURE_HEADER).unwrap_or_default();
    // The signature first: only who knows the secret learns that the clock is the trouble.
    if !is_signed(secrets, timestamp, request.body(), given) {
        return Err(not_proven(&format!(
            "Send `{TIMESTAMP_HEADER}` and `{SIGNATURE_HEADER}`: v1= and the HMAC-SHA256 of `<timestamp>.<body>`."
        )));
    }
    fresh(timestamp, request.wall())?;
    Ok(Claims::default())
}

/// Holds a proven timestamp to the replay window.
///
/// # Errors
/// A 401 problem for a time that is more than [`REPLAY_WINDOW_MS`] from `wall`.
pub fn fresh(timestamp: &str, wall: Timestamp) -> Result<(), Problem> {
    if is_fresh(timestamp, wall) {
        return Ok(());
    }
    let problem = Problem::new(401, "stale", "The signature is too old or its clock is wrong");
    Err(problem.detail("Sign anew with the present time; it may differ from ours by five minutes."))
}

/// The refusal of a caller that is not proven, with where its integrator should look.
#[must_use]
pub fn not_proven(detail: &str) -> Problem {
    Problem::new(401, "not-proven", "The request is not proven to come from this channel")
        .detail(detail)
}

/// `v1=` and the HMAC-SHA256, in hexadecimal, of `<timestamp>.<body>`.
#[must_use]
pub fn sign(secret: &[u8], timestamp: &str, body: &[u8]) -> String {
    // HMAC takes keys of any length, so this cannot fail; an empty signature would match nothing.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret) else { return String::new() };
    mac.update(timestamp.as_bytes());
    mac.update(b".");
    mac.update(body);
    format!("v1={}", data_encoding::HEXLOWER.encode(&mac.finalize().into_bytes()))
}

/// The two headers that prove `body` at `seconds` of wall time.
#[must_use]
pub fn headers(secret: &[u8], seconds: &str, body: &[u8]) -> Vec<(String, String)> {
    let signature = sign(secret, seconds, body);
    let headers = [(TIMESTAMP_HEADER, seconds.to_owned()), (SIGNATURE_HEADER, signature)];
    headers.map(|(name, value)| (name.to_owned(), value)).to_vec()
}

/// Whether `signature` is the one of `body` under any of `secrets`. Every secret is tried and
/// compared in constant time, so the time taken tells nothing.
#[must_use]
pub fn is_signed(secrets: &[Vec<u8>], timestamp: &str, body: &[u8], signature: &str) -> bool {
    any_matches(secrets, signature.as_bytes(), |secret| sign(secret, timestamp, body).into_bytes())
}

/// Whether `given` is what `sign` makes of any of `secrets`, for every way of signing alike: all are
/// tried, each is compared in constant time, and an empty one proves nothing.
#[must_use]
pub fn any_matches(secrets: &[Vec<u8>], given: &[u8], sign: impl Fn(&[u8]) -> Vec<u8>) -> bool {
    let found = secrets.iter().filter(|secret| !secret.is_empty()).fold(0_u8, |found, secret| {
        let wanted = sign(secret);
        found | (wanted.ct_eq(given).unwrap_u8() & u8::from(!wanted.is_empty()))
    });
    found == 1
}

/// Whether a timestamp in whole seconds since the epoch lies within the window around `wall`.
#[must_use]
pub fn is_fresh(timestamp: &str, wall: Timestamp) -> bool {
    let Some(seconds) =
        timestamp.parse::<i64>().ok().filter(|seconds| seconds.to_string() == timestamp)
    else {
        return false;
    };
    let sent = seconds.saturating_mul(1000);
    sent.saturating_sub(wall.millis()).saturating_abs() <= REPLAY_WINDOW_MS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_holds_for_its_secret_time_and_body_only() {
        let secrets = vec![b"new".to_vec(), b"old".to_vec()];
        let signature = sign(b"old", "1800000000", b"body");
        assert!(is_signed(&secrets, "1800000000", b"body", &signature));
        assert!(!is_signed(&secrets, "1800000001", b"body", &signature));
        assert!(!is_signed(&secrets, "1800000000", b"bodz", &signature));
        assert!(!is_signed(&secrets[..1], "1800000000", b"body", &signature));
        assert!(!is_signed(&[], "1800000000", b"body", &sign(b"", "1800000000", b"body")));
        assert!(!is_signed(&[vec![]], "1800000000", b"body", &sign(b"", "1800000000", b"body")));
    }

    #[test]
    fn the_window_is_five_minutes_either_way() {
        let wall = Timestamp::from_millis(1_800_000_000_000);
        for (seconds, fresh) in [(0, true), (-300, true), (300, true), (-301, false), (301, false)]
        {
            assert_eq!(
                is_fresh(&(1_800_000_000_i64 + seconds).to_string(), wall),
                fresh,
                "{seconds}"
            );
        }
        for nonsense in
            ["", "soon", "+1800000000", "01800000000", "1800000000.5", "9999999999999999999"]
        {
            assert!(!is_fresh(nonsense, wall), "{nonsense}");
        }
    }

    #[test]
    fn the_signature_is_as_openssl_makes_it() {
        // printf '1800000000.{}' | openssl dgst -sha256 -hmac secret
        assert_eq!(
            sign(b"secret", "1800000000", b"{}"),
            "v1=bb7079132825ac793cea8c013c1dd24d926b9b02132245b10588d9e5c0df70d7"
        );
    }
}
