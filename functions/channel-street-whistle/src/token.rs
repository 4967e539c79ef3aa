//! Proof of caller by a token of a member of staff: a JSON Web Token (RFC 7519), signed with a secret
//! that the issuer shares with us (HS256) or with its own key (ES256, RS256, `EdDSA`), of which the
//! channel's secret then is the public half as PEM.

use contracts::Problem;
use domain::{Timestamp, UnitCode};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use lambda::signature::{REPLAY_WINDOW_MS, not_proven};
use lambda::{Claims, Unverified};
use serde::Deserialize;

/// The header that holds `Bearer` and the token.
pub const HEADER: &str = "authorization";
/// For whom the token must be.
pub const AUDIENCE: &str = "lianxin";

/// The claims, by the names under which they travel.
pub(crate) const STAFF: &str = "sub";
pub(crate) const UNIT: &str = "unit";
pub(crate) const TIER: &str = "tier";
pub(crate) const ROLE: &str = "role";

/// Tiers that post here, and what their staff may be.
const TIERS: [&str; 3] = ["town", "village", "grid"];
const ROLES: [&str; 7] = [
    "town_officer",
    "village_officer",
    "grid_worker",
    "community_worker",
    "volunteer",
    "new_employment",
    "enforcement_officer",
];
/// The longest life of a token: a shift, in milliseconds.
const LIFE_MS_MAX: i64 = 12 * 60 * Timestamp::MINUTE_MS;
/// The longest token, in bytes, and the longest id of a member of staff, in characters.
const TOKEN_BYTES_MAX: usize = 4096;
const STAFF_CHARS_MAX: usize = 64;
/// How a public key as PEM begins.
const PEM: &[u8] = b"-----BEGIN";

/// What a token must say.
#[derive(Deserialize)]
struct Token {
    sub: String,
    unit: String,
    tier: String,
    role: String,
    iat: i64,
    exp: i64,
}

/// The whole proof.
///
/// # Errors
/// A 401 problem for a token that is not the issuer's or is over, a 403 for one whose holder may not
/// post here; both tell an integrator where to read and quote nothing.
pub(crate) fn prove(request: &Unverified, secrets: &[Vec<u8>]) -> Result<Claims, Problem> {
    let token = request.header(HEADER).and_then(|text| text.strip_prefix("Bearer "));
    let token = token.filter(|token| token.len() <= TOKEN_BYTES_MAX);
    let token = token.and_then(|token| secrets.iter().find_map(|secret| read(token, secret)));
    let token = token.ok_or_else(|| {
        not_proven("Send `authorization`: Bearer and a token of the issuer for `lianxin`, with `sub`, `unit`, `tier`, `role`, `iat` and `exp`.")
    })?;
    if !is_alive(&token, request.wall()) {
        return Err(Problem::new(401, "stale", "The token is over, or its clock is wrong")
            .detail("Get a new one; a token lives twelve hours at most."));
    }
    let known = TIERS.contains(&token.tier.as_str()) && ROLES.contains(&token.role.as_str());
    let named = !token.sub.trim().is_empty() && token.sub.chars().count() <= STAFF_CHARS_MAX;
    if !known || !named || UnitCode::parse(&token.unit).is_err() {
        return Err(Problem::new(403, "not-yours", "Who holds this token may not post here")
            .detail("`tier` must be town, village or grid, `role` one of the contract's, `unit` a unit's code."));
    }
    let claims = Claims::default().with(STAFF, token.sub).with(UNIT, token.unit);
    Ok(claims.with(TIER, token.tier).with(ROLE, token.role))
}

/// Whether a secret is none, but the public half of a key.
pub(crate) fn is_public(secret: &[u8]) -> bool {
    secret.starts_with(PEM)
}

/// The token, if this secret proves it. The kind of secret says which algorithms may be used, never
/// the token.
fn read(token: &str, secret: &[u8]) -> Option<Token> {
    let wanted = decode_header(token).ok()?.alg;
    let (key, allowed): (DecodingKey, &[Algorithm]) = if is_public(secret) {
        public_key(secret)?
    } else if secret.is_empty() {
        return None;
    } else {
        (DecodingKey::from_secret(secret), &[Algorithm::HS256])
    };
    if !allowed.contains(&wanted) {
        return None;
    }
    let mut validation = Validation::new(wanted);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["aud", "exp", "sub"]);
    // Held to our own wall time below, which a test can choose.
    validation.validate_exp = false;
    decode::<Token>(token, &key, &validation).ok().map(|token| token.claims)
}

fn public_key(pem: &[u8]) -> Option<(DecodingKey, &'static [Algorithm])> {
    if let Ok(key) = DecodingKey::from_ec_pem(pem) {
        return Some((key, &[Algorithm::ES256]));
    }
    if let Ok(key) = DecodingKey::from_ed_pem(pem) {
        return Some((key, &[Algorithm::EdDSA]));
    }
    DecodingKey::from_rsa_pem(pem).ok().map(|key| (key, [Algorithm::RS256].as_slice()))
}

fn is_alive(token: &Token, wall: Timestamp) -> bool {
    let ms = |seconds: i64| seconds.saturating_mul(1000);
    let life = ms(token.exp).saturating_sub(ms(token.iat));
    let early = ms(token.iat).saturating_sub(wall.millis()) > REPLAY_WINDOW_MS;
    (0..=LIFE_MS_MAX).contains(&life) && !early && ms(token.exp) > wall.millis()
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{EncodingKey, Header, encode};
    use lambda::http::Request;
    use serde_json::{Value, json};

    use super::*;

    const NOW: i64 = 1_800_000_000;

    fn good() -> Value {
        json!({
            "aud": AUDIENCE, "sub": "s-0007", "unit": "dongcheng-office", "tier": "town",
            "role": "town_officer", "iat": NOW - 60, "exp": NOW + 3600,
        })
    }

    fn signed(claims: &Value, secret: &[u8], algorithm: Algorithm) -> String {
        let token = encode(&Header::new(algorithm), claims, &EncodingKey::from_secret(secret));
        format!("Bearer {}", token.unwrap())
    }

    fn proof(header: &str, secrets: &[&[u8]]) -> Result<Claims, u16> {
        let headers = [(HEADER.to_owned(), header.to_owned())].into();
        let request = Request { path: String::new(), headers, body: Vec::new() };
        let request = Unverified::new(request, Timestamp::from_millis(NOW * 1000));
        let secrets: Vec<Vec<u8>> = secrets.iter().map(|secret| secret.to_vec()).collect();
        prove(&request, &secrets).map_err(|problem| problem.status)
    }

    #[test]
    fn a_token_proves_by_either_secret_and_tells_who_it_is() {
        let header = signed(&good(), b"old", Algorithm::HS256);
        let claims = proof(&header, &[b"new", b"old"]).unwrap();
        assert_eq!((claims.get(TIER), claims.get(STAFF)), (Some("town"), Some("s-0007")));
        for secrets in [[b"new".as_slice(), b""], [b"", b"-----BEGIN nonsense"]] {
            assert_eq!(proof(&header, &secrets), Err(401));
        }
    }

    #[test]
    fn what_is_no_such_token_proves_nothing() {
        let none = "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJhdWQiOiJsaWFueGluIn0.";
        let other = signed(&good(), b"s", Algorithm::HS512);
        let long = format!("Bearer {}", "a".repeat(TOKEN_BYTES_MAX + 1));
        let basic = signed(&good(), b"s", Algorithm::HS256).replace("Bearer", "Basic");
        for header in [none, &other, &long, &basic, "", "Bearer ", "Bearer a.b.c"] {
            assert_eq!(proof(header, &[b"s"]), Err(401));
        }
    }

    #[test]
    fn every_claim_must_be_there_and_be_right() {
        let cases = [
            ("aud", json!("another"), 401),
            ("exp", json!(NOW), 401),
            ("iat", json!(NOW + 301), 401),
            ("iat", json!(NOW + 3600 - 12 * 3600 - 1), 401),
            ("sub", json!(" "), 403),
            ("tier", json!("city"), 403),
            ("role", json!("mayor"), 403),
            ("unit", json!("东城"), 403),
            ("exp", json!("soon"), 401),
        ];
        for (name, value, status) in cases {
            let mut claims = good();
            claims[name] = value;
            let header = signed(&claims, b"s", Algorithm::HS256);
            assert_eq!(proof(&header, &[b"s"]), Err(status), "{name}");
        }
        for name in ["aud", "sub", "unit", "tier", "role", "iat", "exp"] {
            let mut claims = good();
            claims.as_object_mut().unwrap().remove(name);
            assert_eq!(
                proof(&signed(&claims, b"s", Algorithm::HS256), &[b"s"]),
                Err(401),
                "{name}"
            );
        }
    }

    /// A public key must never be taken for a shared secret.
    #[test]
    fn a_public_key_allows_only_its_own_algorithm() {
        let header = signed(&good(), EC_PUBLIC.as_bytes(), Algorithm::HS256);
        assert_eq!(proof(&header, &[EC_PUBLIC.as_bytes()]), Err(401));
        assert!(
            public_key(EC_PUBLIC.as_bytes()).is_some_and(|(_, only)| only == [Algorithm::ES256])
        );
        // Made once with `openssl`, its private half thrown away.
        let header = format!("Bearer {EC_TOKEN}");
        assert!(proof(&header, &[EC_PUBLIC.as_bytes()]).is_ok());
    }

    const EC_PUBLIC: &str = "\
-----BEGIN PUBLIC KEY-----\n\
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE+vtHNCp9V2QSq477oxvY+Zf1iw0t\n\
F6hlLQu1f5Ep3VJEQK506944XUaAGCIzo1CxPof4GbiqZQRpkwwakcB17w==\n\
-----END PUBLIC KEY-----\n\
";
    const EC_TOKEN: &str = concat!(
        "eyJhbGciOiAiRVMyNTYiLCAidHlwIjogIkpXVCJ9.eyJhdWQiOiAibGlhbnhpbiIsICJzdWIiOiAicy0",
        "wMDA3IiwgInVuaXQiOiAiZG9uZ2NoZW5nLW9mZmljZSIsICJ0aWVyIjogInRvd24iLCAicm9sZSI6ICJ",
        "0b3duX29mZmljZXIiLCAiaWF0IjogMTc5OTk5OTk0MCwgImV4cCI6IDE4MDAwMDM2MDB9.L3g3_EUuxE",
        "smvs4ROp0VqQjhdyaQCyz80UfJPbStG6ymzmQQLwdiTWVn1j5ZzzMNVVO0HQBBtLpyftUYv81c-A",
    );
}
