"""What stands before every request: who may ask, how much they may send, and what browsers are told to refuse."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

__all__ = ["SANDBOX", "Guard"]

LOOPBACK = ("localhost", "127.0.0.1", "::1")
LARGEST_UPLOAD, LARGEST_BODY = 16 * 2**20, 9 * 2**20  # bytes
_DRAINED = 2**30  # bytes read and thrown away, so that who sends too much gets to read why it was refused
_USER, _TOKEN = "bactrian_user", "bactrian_token"
_YEAR_S = 365 * 24 * 3600
_SAFE = ("GET", "HEAD", "OPTIONS")
_POLICY = (
    "default-src 'self'; script-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; "
    "style-src 'self' 'unsafe-inline'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
SANDBOX = "sandbox allow-popups; default-src 'none'; style-src 'unsafe-inline'; img-src data:; frame-ancestors 'self'"
"""The policy for files made of what users sent: nothing in them runs."""
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}
_AGAIN = b'<!doctype html><meta charset="utf-8"><meta http-equiv="refresh" content="0"><title>Bactrian</title>'


class _TooLarge(Exception):
    """More was sent than is taken."""


class Guard:
    """The outermost layer. Without a `token` only loopback names are answered to; with one, only who has it is.

    What comes through has the user in `scope["user"]`: the hash of a secret that the browser keeps as a cookie.
    """

    def __init__(self, app: ASGIApp, token: str | None = None) -> None:
        self.app, self.token = app, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        cookies = _cookies(headers)
        told = self._refused(scope, headers, cookies)
        fresh: list[str] = []
        if told is None and _from_elsewhere(scope, headers):
            # who follows a link from another site sends no strict cookie, and must not lose it for a new one
            await _answer(_sealed(send, fresh), 200, _AGAIN, "text/html; charset=utf-8")
            return
        scope["user"] = ""
        if told is None:
            secret = cookies.get(_USER, "")
            if not re.fullmatch(r"[A-Za-z0-9_-]{43}", secret):
                secret = secrets.token_urlsafe(32)
                fresh.append(_cookie(_USER, secret))
            if self.token and cookies.get(_TOKEN) != self.token and _asked_token(scope):
                fresh.append(_cookie(_TOKEN, self.token))
            scope["user"] = hashlib.sha256(secret.encode()).hexdigest()[:32]
        sealed = _sealed(send, fresh)
        if told is None:
            await _Limited(self.app, scope, receive, sealed)()
        else:
            await _refuse(sealed, *told)

    def _refused(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> tuple[int, str] | None:
        """The status and message with which a request is refused; None for one that is not."""
        if self.token is None:
            if _host(headers.get("host", "")) not in LOOPBACK:
                return 403, "this studio answers on this machine alone: open it by the address that it printed"
        elif not self._has_token(scope, headers, cookies):
            return 401, "a token is wanted: open the address that the studio printed, with ?token= at its end"
        if scope["method"] not in _SAFE and not headers.get("x-bactrian"):
            return 403, "a request that changes something needs the header X-Bactrian: 1"
        return None

    def _has_token(self, scope: Scope, headers: Headers, cookies: dict[str, str]) -> bool:
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        given = [bearer.strip() if scheme.lower() == "bearer" else "", cookies.get(_TOKEN, ""), _asked_token(scope)]
        wanted = (self.token or "").encode()
        same = [hmac.compare_digest(one.encode("utf-8", "replace"), wanted) for one in given]
        return any(same)


class _Limited:
    """A request passed on, of whose body no more is taken than there may be."""

    def __init__(self, app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        self.app, self.scope, self.receive, self.send = app, scope, receive, send
        upload = scope["path"] in ("/api/cases", "/api/scenarios/upload")
        self.most = LARGEST_UPLOAD if upload else LARGEST_BODY
        self.taken, self.ended, self.answered = 0, False, False

    async def __call__(self) -> None:
        length = Headers(scope=self.scope).get("content-length", "0")
        try:
            if not length.isdecimal() or int(length[:20]) > self.most:
                raise _TooLarge
            await self.app(self.scope, self._receive, self._send)
        except _TooLarge:
            pass
        if self._exceeded(length) and not self.answered:
            await self._drain()
            await _refuse(self.send, 413, f"more than {self.most // 2**20} MB are not taken")

    def _exceeded(self, length: str) -> bool:
        return self.taken > self.most or not length.isdecimal() or int(length[:20]) > self.most

    async def _receive(self) -> Message:
        if self.taken > self.most:
            raise _TooLarge
        message = await self.receive()
        self.taken += len(message.get("body", b""))
        self.ended = not message.get("more_body", False)
        if self.taken > self.most:
            raise _TooLarge
        return message

    async def _send(self, message: Message) -> None:
        if self.taken > self.most and not self.answered:
            return  # what became of the error on the way
        self.answered = True
        await self.send(message)

    async def _drain(self) -> None:
        while not self.ended and self.taken < _DRAINED:
            message = await self.receive()
            self.taken += len(message.get("body", b""))
            self.ended = message["type"] != "http.request" or not message.get("more_body", False)


def _sealed(send: Send, fresh: list[str]) -> Send:
    """Send with the headers that every answer bears, and fresh cookies."""

    async def sealed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
            for cookie in fresh:
                headers.append("set-cookie", cookie)
        await send(message)

    return sealed


def _from_elsewhere(scope: Scope, headers: Headers) -> bool:
    return scope["path"] == "/" and headers.get("sec-fetch-site") in ("cross-site", "same-site")


def _asked_token(scope: Scope) -> str:
    if scope["path"] != "/":
        return ""
    return next(iter(parse_qs(scope["query_string"].decode("latin-1")).get("token", [])), "")


def _host(told: str) -> str:
    """The name in a Host header, without the port."""
    return re.sub(r":\d*$", "", told).strip("[]").lower()


def _cookies(headers: Headers) -> dict[str, str]:
    try:
        return {name: cell.value for name, cell in SimpleCookie(headers.get("cookie", "")).items()}
    except CookieError:
        return {}


def _cookie(name: str, value: str) -> str:
    return f"{name}={value}; Path=/; Max-Age={_YEAR_S}; HttpOnly; SameSite=Strict"


async def _refuse(send: Send, status: int, message: str) -> None:
    await _answer(send, status, json.dumps({"message": message}).encode(), "application/json")


async def _answer(send: Send, status: int, body: bytes, kind: str) -> None:
    headers: list[Any] = [(b"content-type", kind.encode()), (b"content-length", str(len(body)).encode())]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
