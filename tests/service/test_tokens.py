"""Tokens, checked by the whole application against an issuer of the tests' own."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from biometric import tokens
from biometric.app import Application
from biometric.settings import Jwt, SettingsError, load
from conftest import sqlite_in, with_schema
from processes import free_port, wait_until

AUDIENCE = "biometric-clients"
LATEST = "/rest/read/json/latest/202004285"
SUBJECT = "subject-7f3c"
KEYS_PATH, DISCOVERY_PATH = "/keys", "/.well-known/openid-configuration"

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
RSA = rsa.generate_private_key(65537, 2048)
OTHER_RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())


def public(key: PrivateKey, name: str) -> dict[str, Any]:
    """Return the public half as an issuer publishes it."""
    if isinstance(key, rsa.RSAPrivateKey):
        jwk = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"alg": "RS256"}
    else:
        jwk = ECAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"alg": "ES256"}
    return {**jwk, "kid": name, "use": "sig"}


@dataclass
class Issuer:
    """An OpenID Connect issuer on loopback; what it answers may be changed while it runs."""

    url: str
    documents: dict[str, Any] = field(default_factory=dict)
    """By path: an object, or the bytes themselves."""
    asked: list[str] = field(default_factory=list)
    status: int = 200
    open: threading.Event = field(default_factory=threading.Event)
    """Answers wait while it is not set."""

    def publish(self, **keys: PrivateKey) -> None:
        self.documents[KEYS_PATH] = {"keys": [public(key, name) for name, key in keys.items()]}

    def token(self, key: PrivateKey = RSA, name: str = "rsa", **changes: Any) -> str:
        """Sign a token that is accepted but for the changes; a claim changed to None is left out."""
        now = int(time.time())
        claims = {"iss": self.url, "aud": AUDIENCE, "sub": SUBJECT, "iat": now, "exp": now + 300} | changes
        claims = {claim: value for claim, value in claims.items() if value is not None}
        algorithm = "RS256" if isinstance(key, rsa.RSAPrivateKey) else "ES256"
        return jwt.encode(claims, key, algorithm, {"kid": name})


@contextmanager
def issuing(port: int = 0) -> Iterator[Issuer]:
    """Run an issuer with an RSA key and one on an elliptic curve."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.asked.append(self.path)
            assert running.open.wait(20)
            document = running.documents.get(self.path)
            content = document if isinstance(document, bytes) else json.dumps(document).encode()
            self.send_response(404 if document is None else running.status)
            self.send_header("location", "/elsewhere")
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    running = Issuer(f"http://127.0.0.1:{server.server_port}")
    running.documents[DISCOVERY_PATH] = {"issuer": running.url, "jwks_uri": running.url + KEYS_PATH}
    running.publish(rsa=RSA, ec=EC)
    running.open.set()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield running
    finally:
        running.open.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with issuing() as running:
        yield running


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The service's variables for a file that has the schema."""
    return with_schema(sqlite_in(tmp_path_factory.mktemp("sqlite")))


@pytest.fixture
def client(issuer: Issuer, database: dict[str, str]) -> Iterator[TestClient]:
    """The whole application, which accepts this issuer's tokens."""
    with TestClient(Application(load(database | trusting(issuer)))) as running:
        yield running


def trusting(issuer: Issuer) -> dict[str, str]:
    return {"JWT_ISSUER": issuer.url, "JWT_AUDIENCE": f"{AUDIENCE}, another-client"}


def get(client: TestClient, token: str | None, path: str = LATEST) -> Any:
    return client.get(path, headers={} if token is None else {"authorization": f"Bearer {token}"})


def segment(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def assert_refused(answer: Any, *secrets: str) -> None:
    """Make sure that an answer is 401 in the one form of errors, and repeats nothing."""
    assert answer.status_code == 401, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert (answer.json()["status"], answer.json()["title"]) == (401, "Unauthorized")
    for secret in secrets:
        assert secret not in answer.text + str(answer.headers)


ACCEPTED: dict[str, Callable[[Issuer], str]] = {
    "RS256": lambda issuer: issuer.token(),
    "ES256": lambda issuer: issuer.token(EC, "ec"),
    "Cognito's access token": lambda issuer: issuer.token(aud=None, client_id="another-client", token_use="access"),
    "several audiences": lambda issuer: issuer.token(aud=["elsewhere", AUDIENCE]),
    "just expired": lambda issuer: issuer.token(exp=int(time.time()) - 10),
    "valid in a moment": lambda issuer: issuer.token(nbf=int(time.time()) + 10),
    "no subject": lambda issuer: issuer.token(sub=None),
    "any letters in its subject": lambda issuer: issuer.token(sub="käpt'n ⚓"),
}


@pytest.mark.parametrize("token", ACCEPTED.values(), ids=ACCEPTED.keys())
def test_an_issuers_token_is_accepted(client: TestClient, issuer: Issuer, token: Callable[[Issuer], str]) -> None:
    assert get(client, token(issuer)).status_code == 404, "let through, and there is no record"


def test_the_keys_may_be_named_instead_of_discovered(issuer: Issuer, database: dict[str, str]) -> None:
    variables = database | trusting(issuer) | {"JWT_JWKS_URL": f"{issuer.url}{KEYS_PATH}"}
    with TestClient(Application(load(variables))) as client:
        assert get(client, issuer.token()).status_code == 404
        assert_refused(get(client, issuer.token(iss="http://127.0.0.1")))
    assert issuer.asked == [KEYS_PATH]


def test_every_route_but_health_asks_for_a_token(client: TestClient, issuer: Issuer, sample: bytes) -> None:
    paths = [path for path in client.get("/openapi.json", headers=bearer(issuer)).json()["paths"]]
    closed = [path for path in (*paths, "/openapi.json", "/nothing", "/healthz/", "/HEALTHZ") if not path.endswith("z")]
    assert len(closed) >= 8
    for path in closed:
        for method in ("GET", "POST", "PUT", "OPTIONS"):
            assert_refused(client.request(method, path, content=sample))
    for path in ("/healthz", "/readyz"):
        assert client.get(path).status_code == 200
        assert client.get(path, headers={"authorization": "Bearer garbage"}).status_code == 200


def bearer(issuer: Issuer, **changes: Any) -> dict[str, str]:
    return {"authorization": f"Bearer {issuer.token(**changes)}"}


HEADERS = {
    "none": {},
    "empty": {"authorization": ""},
    "no token": {"authorization": "Bearer "},
    "another scheme": {"authorization": "Basic dXNlcjpwYXNzd29yZA=="},
    "a token without its scheme": {"authorization": "eyJhbGciOiJub25lIn0.e30."},
}


@pytest.mark.parametrize("headers", HEADERS.values(), ids=HEADERS.keys())
def test_without_a_bearer_token_one_is_asked_for(client: TestClient, headers: dict[str, str]) -> None:
    answer = client.get(LATEST, headers=headers)
    assert_refused(answer)
    # As RFC 6750 has it: a client that sent none is told of no error.
    assert answer.headers["www-authenticate"] == "Bearer"


def claims(issuer: Issuer) -> dict[str, Any]:
    return dict(jwt.decode(issuer.token(), options={"verify_signature": False}))


def unsigned(issuer: Issuer, algorithm: str) -> str:
    return f"{segment({'alg': algorithm, 'typ': 'JWT', 'kid': 'rsa'})}.{segment(claims(issuer))}."


def confused(issuer: Issuer) -> str:
    """Sign with the public key as if it were a shared secret."""
    text = f"{segment({'alg': 'HS256', 'typ': 'JWT', 'kid': 'rsa'})}.{segment(claims(issuer))}"
    secret = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    return f"{text}.{segment(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def tampered(issuer: Issuer) -> str:
    header, _, signature = issuer.token().split(".")
    return f"{header}.{segment(claims(issuer) | {'sub': 'somebody else'})}.{signature}"


def resigned(issuer: Issuer, header: dict[str, Any]) -> str:
    """Sign rightly a token whose header is chosen freely."""
    return jwt.encode(claims(issuer), RSA, "RS256", header)


REFUSED: dict[str, Callable[[Issuer], str]] = {
    "expired": lambda issuer: issuer.token(exp=int(time.time()) - 60),
    "not yet valid": lambda issuer: issuer.token(nbf=int(time.time()) + 60),
    "issued later": lambda issuer: issuer.token(iat=int(time.time()) + 60),
    "never expires": lambda issuer: issuer.token(exp=None),
    "expires at no time": lambda issuer: issuer.token(exp="tomorrow"),
    "another issuer": lambda issuer: issuer.token(iss="http://127.0.0.1/another"),
    "another issuer's spelling": lambda issuer: issuer.token(iss=f"{issuer.url}/"),
    "no issuer": lambda issuer: issuer.token(iss=None),
    "another audience": lambda issuer: issuer.token(aud="elsewhere"),
    "an audience that begins alike": lambda issuer: issuer.token(aud=f"{AUDIENCE}-not"),
    "other audiences": lambda issuer: issuer.token(aud=["elsewhere", "nowhere"]),
    "no audience": lambda issuer: issuer.token(aud=None),
    "an empty audience": lambda issuer: issuer.token(aud=[], client_id=AUDIENCE),
    "audiences in an object": lambda issuer: issuer.token(aud={AUDIENCE: True}),
    # The audience counts where there is one: a client's own id says nothing about whom the token is for.
    "another audience and a known client": lambda issuer: issuer.token(aud="elsewhere", client_id=AUDIENCE),
    "unsigned": lambda issuer: unsigned(issuer, "none"),
    "unsigned in capitals": lambda issuer: unsigned(issuer, "None"),
    "no signature": lambda issuer: unsigned(issuer, "RS256"),
    "signed with the public key": confused,
    "tampered with": tampered,
    "signed by another key of the same name": lambda issuer: issuer.token(OTHER_RSA),
    "signed by the issuer's other key": lambda issuer: issuer.token(EC, "rsa"),
    "an unknown key": lambda issuer: issuer.token(name="unknown"),
    "no key named": lambda issuer: resigned(issuer, {}),
    "a key brought along": lambda issuer: resigned(issuer, {"jwk": public(RSA, "rsa")}),
    "unknown rules": lambda issuer: resigned(issuer, {"kid": "rsa", "crit": ["unknown"], "unknown": 1}),
    "too long": lambda issuer: issuer.token(more="x" * tokens.TOKEN_LENGTH),
    "a subject that is too long": lambda issuer: issuer.token(sub="x" * 256),
    "a subject that no database keeps": lambda issuer: issuer.token(sub="x\x00"),
    "a subject that is no text": lambda issuer: issuer.token(sub="\ud800"),
    "claims that are a list": lambda issuer: jwt.PyJWS().encode(b"[]", RSA, "RS256", {"kid": "rsa"}),
    "claims that are no JSON": lambda issuer: jwt.PyJWS().encode(b"{", RSA, "RS256", {"kid": "rsa"}),
    "a deep header": lambda issuer: f"{segment(b'[' * 5000)}.e30.e30",
}


@pytest.mark.parametrize("token", REFUSED.values(), ids=REFUSED.keys())
def test_a_wrong_token_is_refused(client: TestClient, issuer: Issuer, token: Callable[[Issuer], str]) -> None:
    sent = token(issuer)
    answer = get(client, sent)
    assert_refused(answer, sent, SUBJECT)
    assert answer.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    assert answer.json()["detail"] == "the token is not accepted", "which check failed is not told"
    assert get(client, issuer.token()).status_code == 404, "the right one still passes"


def test_garbage_is_refused_without_asking_the_issuer(client: TestClient, issuer: Issuer) -> None:
    @given(token=st.text(st.characters(max_codepoint=255, exclude_categories=["Cc"]), max_size=200) | dotted())
    @examples(max_examples=80, deadline=None, derandomize=True)
    def refused(token: str) -> None:
        assert_refused(client.get(LATEST, headers={b"authorization": f"bearer {token}".encode("latin-1")}))

    refused()
    assert issuer.asked == []


def dotted() -> st.SearchStrategy[str]:
    """Three segments, as a token has them; the first may be a header of another kind, or one that names no key."""
    part = st.binary(max_size=30).map(segment)
    algorithm: st.SearchStrategy[Any] = st.sampled_from(["HS256", "none", None, 1, [], {}])
    without = st.fixed_dictionaries({"alg": algorithm, "kid": st.just("rsa")})
    unnamed = st.fixed_dictionaries({"alg": st.just("RS256")}, optional={"kid": st.none() | st.integers()})
    header = (without | unnamed).map(segment)
    return st.tuples(header | part, part, part).map(".".join)


def test_keys_are_fetched_once(client: TestClient, issuer: Issuer) -> None:
    for _ in range(5):
        assert get(client, issuer.token()).status_code == 404
        assert get(client, issuer.token(EC, "ec")).status_code == 404
    assert issuer.asked == [DISCOVERY_PATH, KEYS_PATH]


def test_a_new_key_of_the_issuers_is_picked_up(
    client: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "AGAIN_SECONDS", 0.0)
    assert get(client, issuer.token()).status_code == 404
    issuer.publish(new=OTHER_RSA)
    assert get(client, issuer.token(OTHER_RSA, "new")).status_code == 404
    assert_refused(get(client, issuer.token()))


def test_unknown_keys_do_not_send_the_service_to_the_issuer(client: TestClient, issuer: Issuer) -> None:
    assert get(client, issuer.token()).status_code == 404
    for number in range(20):
        assert_refused(get(client, issuer.token(name=f"unknown-{number}")))
    assert issuer.asked.count(KEYS_PATH) == 1
    assert tokens.AGAIN_SECONDS >= 5


def test_keys_are_looked_for_again_after_a_while_without_a_wait(
    client: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get(client, issuer.token()).status_code == 404
    monkeypatch.setattr(tokens, "FRESH_SECONDS", 0.0)
    monkeypatch.setattr(tokens, "AGAIN_SECONDS", 0.0)
    issuer.publish(new=OTHER_RSA)
    issuer.open.clear()
    started = time.monotonic()
    assert get(client, issuer.token()).status_code == 404, "its key is still known"
    assert time.monotonic() - started < tokens.FETCH_SECONDS / 2
    issuer.open.set()
    wait_until(lambda: get(client, issuer.token()).status_code == 401)


def test_keys_that_the_issuer_takes_back_are_soon_unknown() -> None:
    assert tokens.AGAIN_SECONDS < tokens.FRESH_SECONDS <= 900, "a key that was stolen"
    assert tokens.FRESH_SECONDS < tokens.KEYS_SECONDS <= 7200, "no longer than an HTTP API keeps them"


def test_keys_do_not_outlive_an_issuer_that_is_gone(
    client: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert get(client, issuer.token()).status_code == 404
    monkeypatch.setattr(tokens, "AGAIN_SECONDS", 0.0)
    monkeypatch.setattr(tokens, "FRESH_SECONDS", 0.0)
    issuer.status = 500
    assert get(client, issuer.token()).status_code == 404
    monkeypatch.setattr(tokens, "KEYS_SECONDS", 0.0)
    assert_unavailable(get(client, issuer.token()))


def assert_unavailable(answer: Any) -> None:
    assert answer.status_code == 503, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1


def test_without_the_issuer_nobody_is_let_in_and_health_stays(
    database: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FAILED_SECONDS", 0.0)
    port = free_port()
    absent = Issuer(f"http://127.0.0.1:{port}")
    with TestClient(Application(load(database | trusting(absent)))) as client:
        assert_unavailable(get(client, absent.token()))
        assert_refused(get(client, "garbage"))
        assert_refused(get(client, unsigned(absent, "none")))
        assert client.get("/healthz").status_code == 200
        assert client.get("/readyz").status_code == 200
        with issuing(port):
            assert get(client, absent.token()).status_code == 404, "back again"


def test_an_issuer_that_is_away_is_not_asked_by_every_request(
    client: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FAILED_SECONDS", 60.0)
    issuer.status = 503
    for _ in range(10):
        assert_unavailable(get(client, issuer.token()))
    assert len(issuer.asked) == 1


BAD: dict[str, Callable[[Issuer], dict[str, Any]]] = {
    "discovery that is no JSON": lambda issuer: {DISCOVERY_PATH: b"<html>"},
    "discovery that is no text": lambda issuer: {DISCOVERY_PATH: b"\xff\xfe\xfa"},
    "discovery that is a list": lambda issuer: {DISCOVERY_PATH: []},
    "discovery without keys": lambda issuer: {DISCOVERY_PATH: {"issuer": issuer.url}},
    "another issuer's discovery": lambda issuer: {
        DISCOVERY_PATH: {"issuer": "http://127.0.0.1", "jwks_uri": issuer.url + KEYS_PATH}
    },
    "keys that are no JSON": lambda issuer: {KEYS_PATH: b"<html>"},
    "keys that are a list": lambda issuer: {KEYS_PATH: []},
    "no keys": lambda issuer: {KEYS_PATH: {"keys": []}},
    "keys that are none": lambda issuer: {KEYS_PATH: {"keys": [{"kty": "RSA", "kid": "rsa", "alg": []}, 1]}},
    "keys without names": lambda issuer: {KEYS_PATH: {"keys": [public(RSA, "")]}},
    "keys for encryption": lambda issuer: {KEYS_PATH: {"keys": [public(RSA, "rsa") | {"use": "enc"}]}},
    "more than anybody's keys": lambda issuer: {
        KEYS_PATH: json.dumps(issuer.documents[KEYS_PATH]).encode() + b" " * tokens.DOCUMENT_BYTES
    },
}


@pytest.mark.parametrize("documents", BAD.values(), ids=BAD.keys())
def test_what_the_issuer_does_wrong_is_no_clients_fault(
    client: TestClient, issuer: Issuer, documents: Callable[[Issuer], dict[str, Any]]
) -> None:
    issuer.documents.update(documents(issuer))
    assert_unavailable(get(client, issuer.token()))


def test_keys_are_read_from_no_file_and_from_nowhere_else(
    client: TestClient, issuer: Issuer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "FAILED_SECONDS", 0.0)
    file = tmp_path / "keys.json"
    file.write_text(json.dumps(issuer.documents[KEYS_PATH]))
    for url in (file.as_uri(), f"data:application/json,{json.dumps(issuer.documents[KEYS_PATH])}"):
        issuer.documents[DISCOVERY_PATH] = {"issuer": issuer.url, "jwks_uri": url}
        assert_unavailable(get(client, issuer.token()))
    issuer.documents["/elsewhere"] = issuer.documents[DISCOVERY_PATH]
    issuer.status = 302
    assert_unavailable(get(client, issuer.token()))
    assert "/elsewhere" not in issuer.asked


def test_an_issuer_with_https_has_its_keys_there_too(monkeypatch: pytest.MonkeyPatch) -> None:
    issuer = "https://issuer.example"
    found = {"issuer": issuer, "jwks_uri": "http://issuer.example/keys"}
    monkeypatch.setattr(tokens, "_document", lambda _: found)
    with pytest.raises(ValueError, match="another scheme"):
        tokens._discovered(issuer)
    found["jwks_uri"] = "https://keys.example"
    assert tokens._discovered(issuer) == "https://keys.example"


def test_an_issuer_with_weak_keys_is_not_believed(client: TestClient, issuer: Issuer) -> None:
    weak = rsa.generate_private_key(65537, 1024)
    issuer.publish(rsa=weak)
    with pytest.warns(jwt.InsecureKeyLengthWarning):
        token = issuer.token(weak)
    assert_refused(get(client, token))


def test_a_slow_issuer_stops_nobody_else(issuer: Issuer) -> None:
    """Requests wait together for one fetch; the event loop and the threads that others need are free meanwhile."""
    answers: list[int] = []

    async def answered(scope: Any, receive: Any, send: Any) -> None:
        answers.append(1)

    async def check() -> None:
        app = tokens.TokenCheck(answered, Jwt(issuer=issuer.url, audience=(AUDIENCE,)))

        def request(path: str) -> Any:
            headers = [(b"authorization", f"Bearer {issuer.token()}".encode())]
            return app({"type": "http", "path": path, "headers": headers}, None, None)  # type: ignore[arg-type]

        issuer.open.clear()
        waiting = [asyncio.create_task(request(LATEST)) for _ in range(50)]
        while not issuer.asked:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(30):
            await request("/healthz")
            await asyncio.gather(*(asyncio.to_thread(int) for _ in range(50)))
        assert (len(answers), issuer.asked) == (1, [DISCOVERY_PATH])
        waiting.pop().cancel()  # one client leaves, and the others still get their answer
        issuer.open.set()
        await asyncio.gather(*waiting)
        assert (len(answers), issuer.asked) == (50, [DISCOVERY_PATH, KEYS_PATH])

    asyncio.run(check())


def test_no_request_waits_for_a_slow_issuer_for_long(
    client: TestClient, issuer: Issuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tokens, "WAIT_SECONDS", 0.1)
    issuer.open.clear()
    assert_unavailable(get(client, issuer.token()))
    issuer.open.set()
    wait_until(lambda: get(client, issuer.token()).status_code == 404)


def test_the_log_has_neither_tokens_nor_claims(
    client: TestClient,
    issuer: Issuer,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(tokens, "AGAIN_SECONDS", 0.0)
    caplog.set_level(logging.DEBUG)
    sent = [make(issuer) for make in (*ACCEPTED.values(), *REFUSED.values())]
    for token in sent:
        get(client, token)
    issuer.status = 500
    get(client, issuer.token(name="kid-of-a-caller"))
    said = "".join([caplog.text, *(str(vars(record)) for record in caplog.records), *capfd.readouterr()])
    assert "token refused" in said and "ExpiredSignatureError" in said and "keys cannot be had" in said
    assert "eyJ" not in said
    for secret in (*(part for token in sent for part in token.split(".") if len(part) > 20), SUBJECT, AUDIENCE):
        assert secret not in said
    for secret in ("somebody else", "kid-of-a-caller", "unknown", "elsewhere", "another-client"):
        assert secret not in said, secret


def test_idempotency_keys_of_two_subjects_do_not_meet(client: TestClient, issuer: Issuer, sample: bytes) -> None:
    def post(**changes: Any) -> Any:
        headers = bearer(issuer, **changes) | {"idempotency-key": "k" * 255}
        return client.post("/rest/records", content=sample, headers=headers)

    longest = "s" * tokens.SUBJECT_LENGTH
    for subject in ("one", "another", longest, None):
        first, again = post(sub=subject), post(sub=subject)
        assert (first.status_code, again.status_code) == (201, 201)
        assert "idempotent-replayed" not in first.headers, subject
        assert again.headers["idempotent-replayed"] == "true"


def test_the_longest_subject_and_key_fit_the_table() -> None:
    from biometric.inputs import KEY_LENGTH
    from biometric.models import ATTEMPT_KEY_LENGTH

    assert tokens.SUBJECT_LENGTH + 1 + KEY_LENGTH <= ATTEMPT_KEY_LENGTH


def test_pages_of_other_origins_see_why_they_are_refused(issuer: Issuer, database: dict[str, str]) -> None:
    variables = database | trusting(issuer) | {"CORS_ORIGINS": "https://page.example"}
    with TestClient(Application(load(variables))) as client:
        asked = {"origin": "https://page.example", "access-control-request-method": "GET"}
        asked["access-control-request-headers"] = "authorization"
        assert client.options(LATEST, headers=asked).status_code == 200
        answer = client.get(LATEST, headers={"origin": "https://page.example"})
        assert_refused(answer)
        assert answer.headers["access-control-allow-origin"] == "https://page.example"


@pytest.mark.parametrize("missing", ["JWT_ISSUER", "JWT_AUDIENCE"])
def test_issuer_and_audience_belong_together(missing: str) -> None:
    variables = {"ENVIRONMENT": "development", "JWT_ISSUER": "https://issuer.example", "JWT_AUDIENCE": AUDIENCE}
    with pytest.raises(SettingsError, match=f"{missing}: missing"):
        load({name: value for name, value in variables.items() if name != missing})
    with pytest.raises(SettingsError, match="JWT_AUDIENCE"):
        load(variables | {"JWT_AUDIENCE": " , "})
