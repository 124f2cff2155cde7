"""The same questions in plain pandas, the way an analyst would write them: the yardstick for rules and for the whole.

    python benchmarks/pandas_audit.py INPUT OUT.json

INPUT is a dialler log made by generate.py (CSV), or the settled contacts of a case (events.parquet). OUT receives the
number of findings of each provision, and the rows read. There is no evidence, no citation and no list of findings.
"""

import json
import sys
from pathlib import Path

import pandas as pd  # type: ignore[import-not-found,import-untyped,unused-ignore]

GBT_FROM, CBA_FROM = pd.Timestamp("2025-02-28"), pd.Timestamp("2026-01-30")
EFFECTIVE_SECONDS = 30
ROLES = {"本人": "debtor", "配偶": "family", "父母": "family", "同事": "colleague", "紧急联系人": "reference"}
COLUMNS = ["account", "at", "to_number", "to_role", "outcome", "duration", "agency", "lender"]
CSV_COLUMNS = "案件编号 拨打时间 被叫号码 与本人关系 通话结果 通话时长(秒) 受托方 委托方".split()  # noqa: SIM905
PARQUET_COLUMNS = "account_id at_local to_number to_role outcome duration_s agency lender".split()  # noqa: SIM905


def load(path: Path) -> pd.DataFrame:
    """The contacts, one row each, in order of time, from either kind of input."""
    calls = from_csv(path) if path.suffix == ".csv" else from_parquet(path)
    calls = calls.sort_values("at", kind="stable")
    calls["day"] = calls["at"].dt.normalize()
    return calls


def from_csv(path: Path) -> pd.DataFrame:
    """A dialler log: numbers to one form, times to timestamps, words to codes."""
    calls = pd.read_csv(path, usecols=CSV_COLUMNS, dtype=dict.fromkeys(CSV_COLUMNS, "string"), engine="pyarrow")
    calls = calls[CSV_COLUMNS].set_axis(COLUMNS, axis="columns")
    calls["at"] = pd.to_datetime(calls["at"], format="%Y-%m-%d %H:%M:%S")
    calls["to_number"] = "+86" + calls["to_number"].str.replace(r"\D", "", regex=True).str[-11:]
    calls["to_role"] = calls["to_role"].map(ROLES)
    calls["outcome"] = (calls["outcome"] == "接通").map({True: "connected", False: "unanswered"})
    calls["duration"] = calls["duration"].astype("int32")
    return calls


def from_parquet(path: Path) -> pd.DataFrame:
    """Settled contacts of collectors: the second record of a call is no contact."""
    calls = pd.read_parquet(path, columns=[*PARQUET_COLUMNS, "from_role", "same_as"])
    calls = calls[(calls["from_role"] == "collector") & calls["same_as"].isna()]
    return calls[PARQUET_COLUMNS].set_axis(COLUMNS, axis="columns")


def out_of_hours(calls: pd.DataFrame, closes: str) -> int:
    """Contacts before 08:00, or at or after `closes`."""
    clock = calls["at"] - calls["day"]
    return int(((clock < pd.Timedelta("08:00:00")) | (clock >= pd.Timedelta(closes))).sum())


def over_per_day(calls: pd.DataFrame, keys: list[str], most: int) -> int:
    """Groups and days with more than `most` contacts."""
    return int((calls.groupby([*keys, "day"], observed=True).size() > most).sum())


def seven_in_seven(calls: pd.DataFrame) -> int:
    """Days on which an agency's calls to a debtor within seven days, that day included, come to more than seven."""
    daily = calls.groupby(["account", "agency", "day"], observed=True).size().rename("calls").reset_index()
    rolling = daily.set_index("day").groupby(["account", "agency"], observed=True)["calls"].rolling("7D").sum()
    return int((rolling > 7).sum())


def after_conversation(calls: pd.DataFrame) -> int:
    """Calls to a debtor within seven days after a conversation, whose day is the first."""
    calls = calls.sort_values(["account", "agency", "at"], kind="stable")
    spoke = calls["day"].where(calls["outcome"] == "connected")
    groups = [calls["account"], calls["agency"]]
    latest = spoke.groupby(groups, observed=True).ffill().groupby(groups, observed=True).shift()
    return int((calls["day"] < latest + pd.Timedelta(days=7)).sum())


def repeated(calls: pd.DataFrame) -> int:
    """People other than the debtor who were reached more than once."""
    reached = calls[calls["outcome"] == "connected"]
    return int((reached.groupby(["account", "to_number"], observed=True).size() > 1).sum())


def bursts(calls: pd.DataFrame, gap_minutes: int, least: int) -> int:
    """Runs of at least `least` calls to one number, each soon after the one before."""
    keys = ["account", "to_number", "agency"]
    calls = calls.sort_values([*keys, "at"], kind="stable")
    pause = calls.groupby(keys, observed=True)["at"].diff()
    run = (pause.isna() | (pause > pd.Timedelta(minutes=gap_minutes))).cumsum()
    return int((run.value_counts() >= least).sum())


def audit(calls: pd.DataFrame) -> dict[str, int]:
    """How many findings each provision has."""
    debtor, family = calls["to_role"] == "debtor", calls["to_role"] == "family"
    standard, guideline = calls["at"] >= GBT_FROM, calls["at"] >= CBA_FROM
    connected = calls[debtor & standard & (calls["outcome"] == "connected")]
    effective = connected[connected["duration"] >= EFFECTIVE_SECONDS]
    unanswered = calls[debtor & guideline & (calls["outcome"] == "unanswered")]
    others = ~debtor & ~family
    return {
        "out-of-hours cn.gbt45251/hours": out_of_hours(calls[standard], "22:00:00"),
        "out-of-hours cn.cba2026/hours": out_of_hours(calls[guideline], "22:00:00"),
        "out-of-hours us.regf/hours": out_of_hours(calls[debtor], "21:00:01"),
        "contact-frequency cn.gbt45251/notice-calls": over_per_day(connected, ["account", "lender"], 3),
        "contact-frequency cn.gbt45251/interactive-calls": over_per_day(effective, ["account", "agency"], 3),
        "contact-frequency cn.cba2026/unanswered-calls": over_per_day(
            unanswered, ["account", "agency", "to_number"], 6
        ),
        "contact-frequency us.regf/seven-in-seven": seven_in_seven(calls[debtor]),
        "cooldown-after-conversation us.regf/after-conversation": after_conversation(calls[debtor]),
        "third-party-contact cn.gbt45251/contacts": int((standard & ~debtor).sum()),
        "third-party-contact cn.cba2026/unrelated-persons": int((guideline & others).sum()),
        "third-party-contact cn.cba2026/family": int((guideline & family).sum()),
        "third-party-repeat us.regf/location-once": repeated(calls[others]),
        "third-party-repeat us.regf/location-once-family": repeated(calls[family]),
        "redial-burst practice/redial": bursts(calls, 10, 4),
    }


def main() -> None:
    """Read, count, write."""
    calls = load(Path(sys.argv[1]))
    answer = {"rows": len(calls), "findings": audit(calls)}
    Path(sys.argv[2]).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
