"""The first-level subjects of the bank (一级主题) and their names."""

from collections.abc import Mapping
from types import MappingProxyType

SUBJECTS: Mapping[str, str] = MappingProxyType(
    {
        "01": "习近平法治思想",
        "02": "宪法与国家机构",
        "03": "党内法规",
        "04": "立法与规范性文件",
        "05": "决策与政务公开",
        "06": "公务员与监察",
        "07": "行政处罚",
        "08": "行政许可与营商环境",
        "09": "行政强制",
        "10": "执法规范",
        "11": "争议解决",
        "12": "民法典",
        "13": "安全与数据",
        "14": "应急与公共安全",
        "15": "基层治理",
        "F1": "城市管理",
        "F2": "市场监管",
        "F3": "生态环境",
        "F4": "交通运输",
        "F5": "农业",
        "F6": "文化旅游",
        "F7": "应急管理",
        "F8": "自然资源住建",
        "F9": "卫生健康",
        "F10": "人社",
        "F11": "治安",
        "F12": "烟草统计税务",
    }
)
"""Code → name; ``F1`` to ``F12`` are enforcement fields (执法领域)."""

UNSORTED = "00"
"""Code of questions imported without a subject (未分类)."""


def subject_name(code: str) -> str:
    """Return the Chinese name of a subject, or the code itself when it is not a shipped one."""
    return SUBJECTS.get(code, "未分类" if code == UNSORTED else code)
