"""What a writer produced and what its format could not carry."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Written:
    """A file as bytes (导出结果).

    Parameters
    ----------
    data
        Content of the file; the same bank gives the same bytes.
    not_carried
        In Chinese: fields and questions that the format cannot hold, with how many.
    left_out
        Ids of questions that are not in the file at all.
    """

    data: bytes
    not_carried: tuple[str, ...] = ()
    left_out: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lost = "；".join(self.not_carried) or "全部内容都已写入"
        return f"Written({len(self.data):,} 字节：{lost})"


def losses(counts: Mapping[str, int]) -> tuple[str, ...]:
    """Return one line per field that was lost, in the order first met."""
    return tuple(f"{name}（{number} 题）" for name, number in counts.items() if number)
