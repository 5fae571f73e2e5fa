"""Write the statute index from a folder of full texts: facts only, no statute text.

    python tools/build_statute_index.py FOLDER [OUT]

FOLDER holds ``texts/*.json`` and ``texts_superseded/*.json`` (one statute each: title, bodies,
dates, history, articles) and, if there is one, ``policy_documents.csv``. OUT is by default the
package's own data folder. Standard library and this project only.
"""

import csv
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))

from fazhi_exam.law.editions import compare_editions  # noqa: E402
from fazhi_exam.law.index_files import dump_statute, read_text_file  # noqa: E402
from fazhi_exam.law.statute import (  # noqa: E402
    ArticleMap,
    Basis,
    Edition,
    Statute,
    StatuteKind,
    day_before,
)

ALIASES = {
    "xingzheng-chufa-fa": "行政处罚",
    "xingzheng-susong-fa": "行诉法",
    "xingzheng-fuyi-fa": "复议法",
    "guojia-peichang-fa": "国赔法",
    "zhengwu-chufen-fa": "政务处分法 公职人员处分法",
    "difang-zuzhi-fa": "地方组织法 地方各级人大和地方各级政府组织法 "
    "地方各级人民代表大会和人民政府组织法 地方人大和政府组织法",
    "jiandu-fa": "监督法 各级人大常委会监督法 人大监督法",
    "xuanju-fa": "选举法 全国人大和地方各级人大选举法",
    "daibiao-fa": "代表法 人大代表法 全国人大和地方各级人大代表法",
    "cunweihui-zuzhi-fa": "村组法 村委会组织法",
    "juweihui-zuzhi-fa": "居组法 居委会组织法 居民委员会组织法",
    "zhian-guanli-chufa-fa": "治安法 治安处罚法 治安管理法",
    "baoshou-guojia-mimi-fa": "保密法",
    "tufa-gonggong-weisheng-shijian-yingdui-fa": "突发公卫事件应对法",
    "daolu-jiaotong-anquan-fa": "道交法 道路交通法",
    "shipin-anquan-fa": "食安法",
    "anquan-shengchan-fa": "安生法",
    "weixian-huaxuepin-anquan-fa": "危化品安全法",
    "jumin-shenfenzheng-fa": "身份证法",
    "huanjing-baohu-fa": "环保法",
    "shui-wuran-fangzhi-fa": "水污染法 水污防治法",
    "daqi-wuran-fangzhi-fa": "大气污染法 大气法",
    "guti-feiwu-fa": "固体废物污染防治法 固废法 固体废物法",
    "zaosheng-wuran-fangzhi-fa": "噪声法",
    "weichengnianren-baohu-fa": "未保法",
    "laodong-hetong-fa": "劳动合同",
    "wangluo-anquan-fa": "网安法",
    "shuju-anquan-fa": "数安法",
    "geren-xinxi-baohu-fa": "个保法 个人信息法",
    "fan-buzhengdang-jingzheng-fa": "反不当竞争法",
    "xiaofeizhe-quanyi-baohu-fa": "消法 消保法 消费者保护法 消费者权益法",
    "chanpin-zhiliang-fa": "产品质量",
    "shuishou-zhengguan-fa": "税收征管法 征管法",
    "fangdichan-guanli-fa": "房地产管理法 房地产法",
    "chengxiang-guihua-fa": "城乡规划",
    "minfadian": "中国民法典",
    "shengtai-huanjing-fadian": "环境法典",
    "zhengfu-xinxi-gongkai-tiaoli": "信息公开条例",
    "zhongda-xingzheng-juece-tiaoli": "重大行政决策条例 重大行政决策程序条例 重大决策程序暂行条例",
    "youhua-yingshang-huanjing-tiaoli": "营商环境条例 优营条例",
    "xingzheng-fuyi-fa-shishi-tiaoli": "复议法实施条例 行政复议条例",
    "fakuan-shoujiao-fenli-banfa": "罚缴分离办法 罚款决定与罚款收缴分离办法",
    "xingzheng-jiguan-gongwuyuan-chufen-tiaoli": "公务员处分条例",
    "baomi-fa-shishi-tiaoli": "保密法实施条例",
    "fangwu-zhengshou-buchang-tiaoli": "房屋征收与补偿条例 房屋征收补偿条例",
    "chengshi-shirong-huanjing-weisheng-tiaoli": "市容环境卫生管理条例 城市市容环境卫生管理条例 "
    "市容和环境卫生管理条例",
    "wuzheng-wuzhao-chachu-banfa": "无证无照查处办法",
    "shengchan-anquan-shigu-baogao-tiaoli": "事故报告和调查处理条例 安全事故报告和调查处理条例",
    "shichang-zhuti-dengji-tiaoli": "市场主体登记条例",
    "yisong-shexian-fanzui-guiding": "涉嫌犯罪案件移送规定 移送涉嫌犯罪案件规定",
    "wangluo-shuju-anquan-tiaoli": "网数条例 网络数据条例",
    "zaixian-zhengwu-fuwu-guiding": "在线政务服务规定 在线政务服务若干规定 "
    "关于在线政务服务的若干规定",
    "baozhang-nongmingong-gongzi-tiaoli": "农民工工资条例 农民工工资支付条例",
    "gongan-banli-xingzheng-anjian-guiding": "公安行政案件程序规定 公安程序规定 "
    "办理行政案件程序规定",
    "xingsu-jieshi-2018": "行诉法解释 行政诉讼法解释 行政诉讼法司法解释 行诉解释 "
    "适用行政诉讼法的解释 "
    "最高人民法院关于适用行政诉讼法的解释 "
    "关于适用〈中华人民共和国行政诉讼法〉的解释 "
    "最高人民法院关于适用〈中华人民共和国行政诉讼法〉的解释",
    "xinfang-gongzuo-tiaoli": "信访条例",
}

# In force later than adopted, or otherwise known: (statute, adopted) -> (in force, how surely).
KNOWN = {
    ("xingzheng-chufa-fa", "1996-03-17"): "1996-10-01 known",
    ("xingzheng-xuke-fa", "2003-08-27"): "2004-07-01 known",
    ("xingzheng-susong-fa", "1989-04-04"): "1990-10-01 known",
    ("xingzheng-susong-fa", "2014-11-01"): "2015-05-01 known",
    ("xingzheng-fuyi-fa", "1999-04-29"): "1999-10-01 known",
    ("xingzheng-fuyi-fa", "2017-09-01"): "2018-01-01 known",
    ("xingzheng-chufa-fa", "2017-09-01"): "2018-01-01 known",
    ("gongwuyuan-fa", "2005-04-27"): "2006-01-01 known",
    ("gongwuyuan-fa", "2017-09-01"): "2018-01-01 known",
    ("zhongcai-fa", "1994-08-31"): "1995-09-01 known",
    ("zhongcai-fa", "2017-09-01"): "2018-01-01 known",
    ("guojia-peichang-fa", "1994-05-12"): "1995-01-01 known",
    ("guojia-peichang-fa", "2010-04-29"): "2010-12-01 known",
    ("zhian-guanli-chufa-fa", "2005-08-28"): "2006-03-01 known",
    ("zhian-guanli-chufa-fa", "2012-10-26"): "2013-01-01 known",
    ("jiancha-fa", "2018-03-20"): "2018-03-20 known",
    ("lifa-fa", "2000-03-15"): "2000-07-01 known",
    ("lifa-fa", "2015-03-15"): "2015-03-15 known",
    ("guowuyuan-zuzhi-fa", "1982-12-10"): "1982-12-14 recalled",
    ("fan-buzhengdang-jingzheng-fa", "2017-11-04"): "2018-01-01 known",
    ("fan-buzhengdang-jingzheng-fa", "2019-04-23"): "2019-04-23 known",
    ("daibiao-fa", "2015-08-29"): "2015-08-29 known",
    ("cunweihui-zuzhi-fa", "2018-12-29"): "2018-12-29 known",
    ("juweihui-zuzhi-fa", "2018-12-29"): "2018-12-29 known",
    ("shipin-anquan-fa", "2021-04-29"): "2021-04-29 known",
    ("shipin-anquan-fa", "2015-04-24"): "2015-10-01 known",
    ("chuanranbing-fangzhi-fa", "2004-08-28"): "2004-12-01 known",
    ("chuanranbing-fangzhi-fa", "2013-06-29"): "2013-06-29 known",
    ("yuye-fa", "2013-12-28"): "2013-12-28 known",
    ("wenwu-baohu-fa", "2017-11-04"): "2017-11-05 known",
    ("fan-jiandie-fa", "2014-11-01"): "2014-11-01 known",
    ("nongchanpin-zhiliang-anquan-fa", "2018-10-26"): "2018-10-26 known",
    ("anquan-shengchan-fa", "2014-08-31"): "2014-12-01 known",
    ("anquan-shengchan-fa", "2002-06-29"): "2002-11-01 known",
    ("laodong-hetong-fa", "2007-06-29"): "2008-01-01 known",
    ("zhengfu-xinxi-gongkai-tiaoli", "2007-04-05"): "2008-05-01 known",
    ("huanjing-baohu-fa", "1989-12-26"): "1989-12-26 known",
    ("xingfa", "1979-07-01"): "1980-01-01 known",
    ("xingfa", "1997-03-14"): "1997-10-01 known",
    ("xingfa", "2011-02-25"): "2011-05-01 known",
    ("xingfa", "2015-08-29"): "2015-11-01 known",
    ("xingfa", "2020-12-26"): "2021-03-01 known",
    ("tudi-guanli-fa", "2004-08-28"): "2004-08-28 known",
    ("xiaofeizhe-quanyi-baohu-fa", "1993-10-31"): "1994-01-01 known",
    ("guanggao-fa", "2015-04-24"): "2015-09-01 known",
    ("daolu-jiaotong-anquan-fa", "2003-10-28"): "2004-05-01 known",
    ("daolu-jiaotong-anquan-fa", "2011-04-22"): "2011-05-01 known",
    ("xiaofang-fa", "2008-10-28"): "2009-05-01 known",
}

VERIFY = {
    "On the NPC 2026 amendment programme": "列入2026年立法工作计划拟修改，使用前须核对是否已修改",
    "Amendment reported as planned for 2026": "据报道2026年拟修改，使用前须核对",
    "Made in 2007 under the 1999 Act": (
        "2007年依原行政复议法制定，与现行行政复议法抵触的规定不适用；须核对是否已修订"
    ),
    "Read with": "应与公职人员政务处分法、公务员法一并适用，须核对效力",
    "Promulgated 2025-05-28": "单一来源文本，须核对",
    "No 2026 amendment in the source": "截至2026年7月来源未见修改，使用前核对",
}

# Documents known by name and date only; rows whose status could not be confirmed are left out.
POLICY_COUNTS = {"行政执法监督条例": 44, "中国共产党纪律处分条例": 158}
POLICY_ALIASES = {
    "中国共产党章程": "党章",
    "中国共产党纪律处分条例": "纪律处分条例 党纪处分条例",
    "中国共产党党内监督条例": "党内监督条例",
    "中国共产党问责条例": "党的问责条例 问责条例",
    "中国共产党廉洁自律准则": "廉洁自律准则",
    "党政领导干部选拔任用工作条例": "干部任用条例 干部选拔任用条例",
    "中国共产党党内法规制定条例": "党内法规制定条例",
}

DAY = re.compile(r"(\d{4})年(\d{1,2})月(\d{1,2})日")
AMENDS = re.compile("修订|修正|修改|修正案")


def main(folder: Path, out: Path) -> None:
    """Read the texts, compare the editions, write one file per statute."""
    raws = [json.loads(path.read_text("utf-8")) | {"path": path} for path in texts_of(folder)]
    by_statute: dict[str, list[dict]] = defaultdict(list)
    for raw in raws:
        by_statute[raw["id"].partition("@")[0]].append(raw)
    statutes = {name: statute_from(name, group) for name, group in by_statute.items()}
    maps = {name: own_maps(statute) for name, statute in statutes.items()}
    apply_repeals(statutes, raws)
    for name in list(statutes):
        statute = statutes[name]
        if statute.repealed_by in statutes and statute.editions[-1].articles:
            code = statutes[statute.repealed_by].editions[-1]
            maps[name] += (compare_editions(statute.editions[-1], code),)
    for statute in listed_documents(folder / "policy_documents.csv"):
        statutes.setdefault(statute.id, statute)
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.json"):
        old.unlink()
    for name in sorted(by_statute):
        text = dump_statute(statutes[name], maps.get(name, ()))
        (out / f"{name}.json").write_text(text, "utf-8")
    listed = [dump_statute(s) for name, s in sorted(statutes.items()) if name not in by_statute]
    (out / "listed.json").write_text("[\n" + ",\n".join(listed) + "]\n", "utf-8")


def texts_of(folder: Path) -> Iterator[Path]:
    """Yield the text files, current editions first."""
    yield from sorted((folder / "texts").glob("*.json"))
    yield from sorted((folder / "texts_superseded").glob("*.json"))


def statute_from(name: str, group: list[dict]) -> Statute:
    """Build the facts of one statute from its current and its earlier texts."""
    current = next(raw for raw in group if "@" not in raw["id"])
    texts = {raw["version_adopted"]: raw for raw in group}
    names = edition_names(current)
    for adopted, raw in texts.items():
        names.setdefault(adopted, f"{adopted[:4]}年修正" if len(names) else f"{adopted[:4]}年文本")
        del raw
    editions = []
    for position, adopted in enumerate(sorted(names)):
        raw = texts.get(adopted)
        start = current.get("original_commencement_in_text") or ""
        following = sorted(names)[position + 1 :][:1]
        its_own = adopted <= start and not (following and following[0] <= start)
        in_force, basis = in_force_day(name, adopted, raw, start if its_own else "")
        editions.append(
            Edition(
                statute=name,
                adopted=date.fromisoformat(adopted),
                in_force=in_force,
                basis=basis,
                name=names[adopted],
                articles=read_text_file(raw["path"]) if raw else None,
                article_count=raw["last_article"] if raw else None,
                preamble_paragraphs=preamble_paragraphs(raw),
                text_as_of=date.fromisoformat(raw["source"]["commit_date"]) if raw else None,
            )
        )
    editions.sort(key=lambda one: (one.in_force, one.adopted))
    ended = [
        replace(one, ended=day_before(following.in_force)) for one, following in pairwise(editions)
    ]
    kept = tuple(
        one for one in (*ended, editions[-1]) if not one.ended or one.ended >= one.in_force
    )
    title = current["title"].replace("《", "〈").replace("》", "〉")
    return Statute(
        id=name,
        title=title,
        short_title=title.removeprefix("中华人民共和国"),
        kind=StatuteKind(current["document_type"]),
        editions=kept,
        aliases=tuple(ALIASES.get(name, "").split()),
        first_body=current["issuing_body_first"] or "",
        last_body=current["issuing_body_last"] or "",
        to_verify=verify_note(current),
    )


def iso(day: re.Match[str]) -> str:
    """2021年1月22日 as 2021-01-22."""
    year, month, number = (int(part) for part in day.groups())
    return f"{year}-{month:02}-{number:02}"


def edition_names(current: dict) -> dict[str, str]:
    """Read the days of adoption and amendment from the history: day -> 2021年修订."""
    fragments: list[tuple[str, str]] = []
    for line in current["history"]:
        flat = line.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
        days = list(DAY.finditer(flat))
        for position, day in enumerate(days):
            end = days[position + 1].start() if position + 1 < len(days) else len(flat)
            fragments.append((iso(day), flat[day.end() : end]))
    amended = {
        day: f"{day[:4]}年{'修订' if '修订' in words else '修正'}"
        for day, words in fragments
        if AMENDS.search(words)
    }
    first = min((day for day, _ in fragments), default=None)
    names = dict(amended)
    if first is not None and first not in amended:
        names[first] = f"{first[:4]}年文本"
    latest = current["version_adopted"]
    names = {day: text for day, text in names.items() if day <= latest}
    if latest not in names:
        near = [d for d in names if d < latest and d == first and len(names) == 1]
        passed = near and (date.fromisoformat(latest) - date.fromisoformat(near[0])).days < 120
        if passed:  # passed and promulgated are one edition
            del names[near[0]]
        names[latest] = f"{latest[:4]}年" + ("文本" if not names else "修订")
    return names


def in_force_day(name: str, adopted: str, raw: dict | None, start: str) -> tuple[date, Basis]:
    """Day in force and how surely it is known."""
    if known := KNOWN.get((name, adopted)):
        day, basis = known.split()
        return date.fromisoformat(day), Basis(basis)
    if raw and raw["version_effective"]:
        word = (raw["version_effective_basis"] or "").split()[0].strip(",;")
        basis = {"text": Basis.TEXT, "known": Basis.KNOWN}.get(word, Basis.RECALLED)
        return date.fromisoformat(raw["version_effective"]), basis
    if start and (date.fromisoformat(start) - date.fromisoformat(adopted)).days < 500:
        return date.fromisoformat(start), Basis.TEXT
    return date.fromisoformat(adopted), Basis.ASSUMED


def preamble_paragraphs(raw: dict | None) -> int:
    """Count the paragraphs of the preamble."""
    return len([line for line in (raw or {}).get("preamble", "").splitlines() if line.strip()])


def verify_note(current: dict) -> str:
    """Say in Chinese why the present state must be checked."""
    if current["status"] != "in_force_to_verify":
        return ""
    note = current["status_note"] or ""
    for start, chinese in VERIFY.items():
        if note.startswith(start):
            return chinese
    day = current["source"]["commit_date"]
    return f"文本来源截至{day[:4]}年{int(day[5:7])}月，使用前须核对此后有无修改"


def own_maps(statute: Statute) -> tuple[ArticleMap, ...]:
    """Map every edition on record to the next one on record."""
    held = [edition for edition in statute.editions if edition.articles]
    return tuple(compare_editions(a, b) for a, b in pairwise(held))


def apply_repeals(statutes: dict[str, Statute], raws: list[dict]) -> None:
    """Read from the final articles what each statute repealed."""
    by_title = {statute.title: name for name, statute in statutes.items()}
    by_title |= {"中华人民共和国" + s.short_title: name for name, s in statutes.items()}
    for raw in raws:
        final = "。".join(article["text"] for article in raw["articles"][-2:])
        final = final.translate(str.maketrans("０１２３４５６７８９", "0123456789"))
        clause = re.search(r"([^。]*?)同时废止", final)
        if not clause or "@" in raw["id"]:
            continue
        starter = statutes[raw["id"]]
        start = re.search(r"自(公布之日|\d{4}年\d{1,2}月\d{1,2}日)起施行", final)
        named = DAY.match(start.group(1)) if start else None
        day = iso(named) if named else starter.editions[0].in_force.isoformat()
        for title in re.findall("《([^《》]+)》", clause.group(1)):
            gone = date.fromisoformat(day)
            name = by_title.get(title)
            if name == raw["id"] or title == raw["title"]:
                continue
            if name is None:
                stub = repealed_stub(title, starter, gone)
                statutes.setdefault(stub.id, stub)
                continue
            old = statutes[name]
            last = replace(old.editions[-1], ended=day_before(gone))
            statutes[name] = replace(
                old,
                editions=(*old.editions[:-1], last),
                repealed_on=gone,
                repealed_by=raw["id"],
            )


def repealed_stub(title: str, by: Statute, gone: date) -> Statute:
    """Record a repealed statute of which only the name and the day of repeal are known."""
    short = title.removeprefix("中华人民共和国")
    name = f"repealed-{by.id}-{short}"
    first = date(1949, 10, 1)
    edition = Edition(name, first, first, day_before(gone), Basis.ASSUMED, "原文本")
    kind = StatuteKind.LAW if short.endswith(("法", "通则", "总则")) else by.kind
    return Statute(name, title, short, kind, (edition,), repealed_on=gone, repealed_by=by.id)


def listed_documents(path: Path) -> Iterator[Statute]:
    """Yield documents known by name and date only."""
    if not path.exists():
        return
    with path.open(encoding="utf-8-sig", newline="") as lines:
        for row in csv.DictReader(lines):
            first = re.match(r"\d{4}(?:-(?:0[1-9]|1[0-2])\b(?:-\d\d)?)?", row["date"])
            start = re.search(r"in force (\d{4}-\d\d-\d\d)", row["date"] + row["status"])
            if not first or row["confidence"] == "unverified":
                continue
            adopted = date.fromisoformat(first.group() + "-01-01"[len(first.group()) - 4 :])
            in_force = date.fromisoformat(start.group(1)) if start else adopted
            title = row["title"].replace("《", "〈").replace("》", "〉")
            name = f"listed-{title}"
            kind = StatuteKind.POLICY_DOCUMENT
            if title == "行政执法监督条例":
                kind = StatuteKind.ADMINISTRATIVE_REGULATION
            yield Statute(
                id=name,
                title=title,
                short_title=title,
                kind=kind,
                editions=(
                    Edition(
                        name,
                        adopted,
                        in_force,
                        basis=Basis.KNOWN if start else Basis.ASSUMED,
                        name=f"{adopted.year}年文本",
                        article_count=POLICY_COUNTS.get(title),
                    ),
                ),
                aliases=tuple(POLICY_ALIASES.get(title, "").split()),
                first_body=row["issuer"],
                last_body=row["issuer"],
                to_verify="只收名称和日期，条文及效力须核对",
            )


if __name__ == "__main__":
    target = ROOT / "src" / "fazhi_exam" / "_data" / "statutes"
    main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else target)
