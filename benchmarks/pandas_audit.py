"""The same questions in plain pandas, the way an analyst would write them: the yardstick for rules and for the whole.

    python benchmarks/pandas_audit.py INPUT OUT.json

INPUT is a dialler log made by generate.py (CSV), or the settled contacts of a case (events.parquet). OUT receives the
number of findings of each provision, and the rows read.
"""

import json
import sys
from pathlib import Path

import pandas as pd

GBT_FROM, CBA_FROM = pd.Timestamp("2025-02-28"), pd.Timestamp("2026-01-30")
EFFECTIVE_SECONDS = 30
THIRD_PARTIES = ["family", "colleague", "reference", "other"]
ROLES = {"本人": "debtor", "配偶": "family", "父母": "family", "同事": "colleague", "紧急联系人": "reference"}
COLUMNS = ["account", "at", "from_number", "to_number", "to_role", "outcome", "duration", "agency", "lender"]
CSV_COLUMNS = ["案件编号", "拨打时间", "主叫号码", "被叫号码", "与本人关系", "通话结果", "通话时长(秒)", "受托方", "委托方"]
PARQUET_COLUMNS = [
    "account_id", "at_local", "from_number", "to_number", "to_role", "outcome", "duration_s", "agency", "lender",
    "from_role", "same_as", "event_id",
]  # fmt: skip


def load(path: Path) -> pd.DataFrame:
    """The contacts, one row each, from either kind of input."""
    return from_csv(path) if path.suffix == ".csv" else from_parquet(path)


def from_csv(path: Path) -> pd.DataFrame:
    """A dialler log: numbers to one form, times to timestamps, words to codes."""
    calls = pd.read_csv(path, usecols=CSV_COLUMNS, dtype=dict.fromkeys(CSV_COLUMNS, "string"), engine="pyarrow")
    calls = calls[CSV_COLUMNS].set_axis(COLUMNS, axis="columns")
    calls["at"] = pd.to_datetime(calls["at"], format="%Y-%m-%d %H:%M:%S")
    digits = calls["to_number"].str.replace(r"\D", "", regex=True).str.removeprefix("00")
    calls["to_number"] = "+86" + digits.str[-11:]
    calls["to_role"] = calls["to_role"].map(ROLES)
    calls["outcome"] = (calls["outcome"] == "接通").map({True: "connected", False: "unanswered"})
    calls["duration"] = calls["duration"].astype("int32")
    return calls.sort_values(["at"], kind="stable")


def from_parquet(path: Path) -> pd.DataFrame:
    """Settled contacts: the second record of a call is no contact."""
    calls = pd.read_parquet(path, columns=PARQUET_COLUMNS)
    calls = calls[(calls["from_role"] == "collector") & calls["same_as"].isna()]
    names = dict(zip(PARQUET_COLUMNS, COLUMNS, strict=False))
    return calls.rename(columns=names).sort_values(["at", "event_id"])


def out_of_hours(calls: pd.DataFrame, since: pd.Timestamp) -> int:
    """Contacts before 08:00 or from 22:00 on."""
    hour = calls["at"].dt.hour
    return int(((calls["at"] >= since) & ((hour < 8) | (hour >= 22))).sum())


def over_per_day(calls: pd.DataFrame, keys: list[str], most: int) -> int:
    """Groups and days with more than `most` contacts."""
    return int((calls.groupby([*keys, "day"], observed=True).size() > most).sum())


def seven_in_seven(calls: pd.DataFrame) -> int:
    """Days on which a caller's calls to a debtor within seven days, that day included, come to more than seven."""
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


def bursts(calls: pd.DataFrame, gap_minutes: int, least: int) -> int:
    """Runs of at least `least` calls to one number, each soon after the one before."""
    keys = ["account", "to_number", "agency"]
    calls = calls.sort_values([*keys, "at"], kind="stable")
    pause = calls.groupby(keys, observed=True)["at"].diff()
    run = (pause.isna() | (pause > pd.Timedelta(minutes=gap_minutes))).cumsum()
    return int((run.value_counts() >= least).sum())


def audit(calls: pd.DataFrame) -> dict[str, int]:
    """How many findings each provision has."""
    calls["day"] = calls["at"].dt.normalize()
    standard, guideline = calls[calls["at"] >= GBT_FROM], calls[calls["at"] >= CBA_FROM]
    debtor = calls["to_role"] == "debtor"
    connected = standard[(standard["outcome"] == "connected") & (standard["to_role"] == "debtor")]
    effective = connected[connected["duration"] >= EFFECTIVE_SECONDS]
    unanswered = guideline[guideline["outcome"] == "unanswered"]
    return {
        "out-of-hours cn.gbt45251": out_of_hours(calls, GBT_FROM),
        "out-of-hours cn.cba2026": out_of_hours(calls, CBA_FROM),
        "contact-frequency cn.gbt45251 connected": over_per_day(connected, ["account", "lender"], 3),
        "contact-frequency cn.gbt45251 effective": over_per_day(effective, ["account", "lender"], 3),
        "contact-frequency cn.cba2026 unanswered": over_per_day(unanswered, ["account", "agency", "to_number"], 6),
        "contact-frequency us.regf attempt": seven_in_seven(calls[debtor]),
        "cooldown-after-conversation us.regf": after_conversation(calls[debtor]),
        "third-party-contact cn.gbt45251": int(standard["to_role"].isin(THIRD_PARTIES).sum()),
        "third-party-contact cn.cba2026": int(guideline["to_role"].isin(THIRD_PARTIES).sum()),
        "redial-burst practice": bursts(calls, 10, 5),
    }


def main() -> None:
    """Read, count, write."""
    calls = load(Path(sys.argv[1]))
    answer = {"rows": len(calls), "findings": audit(calls)}
    Path(sys.argv[2]).write_text(json.dumps(answer, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
