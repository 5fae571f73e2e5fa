"""The random stream of draws that matter to people; written down in ``docs/conventions.md`` §1.

Nothing here may change: papers drawn years ago are derived again with it. The known answers in
``tests/reference/draw_v1.json`` come from another implementation.
"""

import hashlib
import json
import unicodedata
from collections.abc import Callable, Sequence

from ..errors import DrawError

SPEC = "fazhi-exam-draw/1"
_COMMITMENT, _SECRET, _SEED, _PLAIN = (
    "fazhi-exam-commitment/1",
    "fazhi-exam-secret/1",
    "fazhi-exam-seed/1",
    "fazhi-exam-plain-seed/1",
)
_WORDS = 2**32


def labelled(*parts: str | bytes) -> bytes:
    """Join parts, each behind its length as eight big-endian bytes; texts are UTF-8."""
    out = bytearray()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        out += len(data).to_bytes(8, "big") + data
    return bytes(out)


def canonical(value: object) -> bytes:
    """Write a value as canonical JSON: sorted keys, no spaces, UTF-8."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def digest(value: object) -> str:
    """SHA-256 of the canonical JSON of a value, 64 hex digits."""
    return hashlib.sha256(canonical(value)).hexdigest()


class Stream:
    """One SHAKE-256 stream for one candidate, use and attempt, read as big-endian 32-bit words."""

    __slots__ = ("_at", "_have", "_key", "_words")

    def __init__(self, seed: bytes, code: str, use: str, attempt: int) -> None:
        self._key = stream_key(seed, code, use) + labelled(str(attempt))
        self._at, self._have, self._words = 0, 0, b""

    def word(self) -> int:
        """Return the next 32-bit word."""
        if self._at == self._have:
            # A longer output of SHAKE starts with the shorter one, so asking again is safe.
            self._have = max(64, 2 * self._have)
            self._words = hashlib.shake_256(self._key).digest(4 * self._have)
        start = 4 * self._at
        self._at += 1
        return int.from_bytes(self._words[start : start + 4], "big")

    def below(self, n: int) -> int:
        """Return an unbiased integer in ``[0, n)``; for ``n = 1`` no word is used."""
        if n == 1:
            return 0
        limit = _WORDS - _WORDS % n
        while (word := self.word()) >= limit:
            pass
        return word % n

    def choose(
        self, k: int, values: Sequence[int], clashes: Callable[[int], bool] | None = None
    ) -> list[int]:
        """Return up to `k` of the values in the order of a Fisher-Yates shuffle.

        Values that clash with what has been taken are passed over, so that fewer than `k` may be
        left; `clashes` is asked about each value in turn, and is told nothing else.
        """
        pool, out = list(values), list[int]()
        for i in range(len(pool)):
            if len(out) == k:
                break
            j = i + self.below(len(pool) - i)
            pool[i], pool[j] = pool[j], pool[i]
            if clashes is None or not clashes(pool[i]):
                out.append(pool[i])
        return out

    def shuffle(self, values: Sequence[int]) -> list[int]:
        """Return all values in a random order."""
        return self.choose(len(values), values)


def stream_key(seed: bytes, code: str, use: str) -> bytes:
    """Return the bytes hashed for a stream, short of its attempt."""
    return labelled(SPEC, seed, code, use)


def secret_hash(secret: bytes) -> str:
    """Return the hash of the operator's secret that is published before the draw."""
    if len(secret) != 32:
        raise ValueError(f"the secret has 32 bytes, found {len(secret)}")
    return hashlib.sha256(labelled(_SECRET, secret)).hexdigest()


def commitment(manifest_hash: str, roster_hash: str, hash_of_secret: str) -> str:
    """Return the one hash that fixes bank, blueprint, roster, algorithm and secret."""
    parts = (bytes.fromhex(text) for text in (manifest_hash, roster_hash, hash_of_secret))
    return hashlib.sha256(labelled(_COMMITMENT, *parts)).hexdigest()


def public_digits(text: str) -> str:
    """Turn the public digits as people type them into ASCII digits.

    Full-width digits are folded; spaces are dropped.

    Raises
    ------
    DrawError
        If nothing is left or anything but digits is found.
    """
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    if not folded:
        raise DrawError("公开数字", "没有填写公开数字")
    if strange := next((c for c in folded if c not in "0123456789"), None):
        raise DrawError("公开数字", f"只能是数字 0 至 9，现有“{strange}”")
    return folded


def seed_of(commitment_hash: str, secret: bytes, digits: str) -> bytes:
    """Return the 32-byte seed from the commitment, the secret and normalised public digits."""
    return hashlib.sha256(labelled(_SEED, bytes.fromhex(commitment_hash), secret, digits)).digest()


def plain_seed(seed: int | bytes) -> bytes:
    """Return a 32-byte seed for demonstrations: 32 bytes as they are, or a hashed integer."""
    if isinstance(seed, int):
        return hashlib.sha256(labelled(_PLAIN, str(seed))).digest()
    if len(seed) != 32:
        raise ValueError(f"a seed has 32 bytes, found {len(seed)}")
    return seed
