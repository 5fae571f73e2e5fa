"""Answers of one attempt as bytes: a version, a check sum and four arrays.

Little-endian: version (1 byte), CRC-32 of the rest (4), number of answers n (4), then n columns
(uint32), n bit patterns of options (uint8), n points awarded and n possible (int32) in 1/10,000.
"""

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

from ..errors import StoreError

VERSION = 1
_HEAD = struct.Struct("<BI")
_COUNT = struct.Struct("<I")


def pack(
    item: NDArray[np.int32],
    chosen: NDArray[np.uint8],
    awarded: NDArray[np.int64],
    possible: NDArray[np.int64],
) -> bytes:
    """Pack the answers of one attempt."""
    body = _COUNT.pack(len(item)) + b"".join(
        (
            item.astype("<u4").tobytes(),
            chosen.astype("u1").tobytes(),
            awarded.astype("<i4").tobytes(),
            possible.astype("<i4").tobytes(),
        )
    )
    return _HEAD.pack(VERSION, zlib.crc32(body)) + body


def unpack(
    data: bytes, place: str
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.int64], NDArray[np.int64]]:
    """Unpack what `pack` made.

    Raises
    ------
    StoreError
        If the version is unknown or the bytes were damaged.
    """
    if len(data) < _HEAD.size + _COUNT.size or data[0] != VERSION:
        raise StoreError(place, "答题记录的版本不认识，请升级软件")
    _, crc = _HEAD.unpack_from(data)
    body = data[_HEAD.size :]
    (n,) = _COUNT.unpack_from(body)
    if zlib.crc32(body) != crc or len(body) != _COUNT.size + 13 * n:
        raise StoreError(place, "答题记录已损坏")
    start = _COUNT.size
    item = np.frombuffer(body, "<u4", n, start).astype(np.int32)
    chosen = np.frombuffer(body, "u1", n, start + 4 * n).astype(np.uint8)
    awarded = np.frombuffer(body, "<i4", n, start + 5 * n).astype(np.int64)
    possible = np.frombuffer(body, "<i4", n, start + 9 * n).astype(np.int64)
    return item, chosen, awarded, possible
