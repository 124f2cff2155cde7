"""A summary to be printed and signed: one file without anything from elsewhere; every text in it stands for itself."""

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from collectaudit import __version__, listing, material
from collectaudit.case import Case
from collectaudit.material import CHOICES, MOST_ROWS, Row
from ui import text
from ui.text import plain

_CSS = """body{font:12pt/1.6 "Songti SC","SimSun","Noto Serif CJK SC",serif;margin:2cm auto;max-width:19cm;color:#000}
h1{font-size:18pt;text-align:center}h2{font-size:13pt;margin:1.2em 0 .4em}
table{border-collapse:collapse;width:100%;font-size:9.5pt}
th,td{border:1px solid #555;padding:.3em .45em;text-align:left;vertical-align:top;overflow-wrap:anywhere}
*{box-sizing:border-box}.who td:first-child{width:28%}.found{table-layout:fixed}.found th:nth-child(1){width:5%}
.found th:nth-child(2){width:13%}.found th:nth-child(3){width:26%}.found th:nth-child(4){width:18%}
.found th:nth-child(5){width:20%}
thead{display:table-header-group}tr{break-inside:avoid}pre{white-space:pre-wrap;font:inherit;margin:0}
.blank{border-bottom:1px solid #000;display:inline-block;min-width:9cm}.sign{margin-top:2.5em}
@page{size:A4;margin:2cm}@media print{body{margin:0;max-width:none}}"""
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"


def page(case: Case, choice: str, channel: str, told: Mapping[str, str]) -> bytes:
    """The summary: who to whom, what is asked for, what was found (never added up), which files it rests on."""
    counts = material.groups(case)
    parts = [
        f"<h1>{_safe(plain('printed.title'))}</h1>",
        _table((), _who(channel, told), "who"),
        *_said("printed.request", told["request"]),
        *_facts(case, counts, choice),
    ]
    for group in CHOICES[choice]:
        parts += _findings(material.rows(case, group, text.lang()), group, counts[group])
    parts += _files(material.sources(case, choice))
    parts += [f"<p>{_safe(plain('printed.made', version=__version__))}</p>", _signature()]
    body = "\n".join(parts)
    language = {"zh": "zh-CN", "en": "en"}[text.lang()]
    head = f'<meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    document = f"{head}<title>{_safe(plain('printed.title'))}</title><style>{_CSS}</style></head><body>\n{body}\n"
    return f'<!DOCTYPE html>\n<html lang="{language}"><head>{document}</body></html>\n'.encode()


def _safe(data: object) -> str:
    return escape(text.visible(data))


def _who(channel: str, told: Mapping[str, str]) -> Sequence[Sequence[str]]:
    """Left a word, right what the person wrote, or room to write by hand."""
    rows = [(plain("printed.to"), plain(f"material.channel_{channel}"))]
    rows += [(plain(f"printed.{name}"), told[name]) for name in ("name", "contact", "respondent", "contract")]
    rows.insert(2, (plain("printed.identity"), ""))
    return rows


def _said(key: str, words: str) -> Iterable[str]:
    yield f"<h2>{_safe(plain(key))}</h2>"
    yield f"<pre>{_safe(words)}</pre>" if words else "<p class=blank>&nbsp;</p>"


def _facts(case: Case, counts: Mapping[str, int], choice: str) -> Iterable[str]:
    span = listing.span(case)
    yield f"<h2>{_safe(plain('printed.facts'))}</h2>"
    days = {"first": text.day(span["first_day"]), "last": text.day(span["last_day"])}
    yield f"<p>{_safe(plain('printed.period', **days, zone=text.zone(span['time_zone'])))}</p>"
    for group in CHOICES[choice]:
        yield f"<p>{_safe(plain(f'printed.count_{group}', n=counts[group]))}</p>"


def _findings(rows: Sequence[Row], group: str, count: int) -> Iterable[str]:
    if not rows:
        return
    yield f"<h2>{_safe(plain(f'printed.group_{group}', n=count))}</h2>"
    if count > MOST_ROWS:
        yield f"<p>{_safe(plain('printed.more', n=MOST_ROWS))}</p>"
    titles = [plain(f"printed.column_{name}") for name in ("number", "time", "what", "who", "law", "where")]
    yield _table(titles, [_finding(n, row) for n, row in enumerate(rows, 1)], "found")


def _finding(n: int, row: Row) -> Sequence[str]:
    parties = f"{text.who(row['from_number'], row['from_role'])} → {text.who(row['to_number'], row['to_role'])}"
    law = f"{row['instrument']} {row['article'] or ''} ({text.words().word('authority', row['authority'])})"
    where = f"{row['source'] or plain('app.unknown')} {row['locator'] or ''}"
    return str(n), text.moment(row["occurred_at"], row["precision"]), row["message"], parties, law, where


def _files(rows: Sequence[Row]) -> Iterable[str]:
    yield f"<h2>{_safe(plain('printed.files'))}</h2>"
    yield f"<p>{_safe(plain('printed.files_text'))}</p>"
    yield _table([plain("printed.column_file"), "SHA-256"], [(row["name"], row["sha256"]) for row in rows])


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]], kind: str = "files") -> str:
    head = "".join(f"<th>{_safe(title)}</th>" for title in titles)
    body = "".join("<tr>" + "".join(f"<td>{_safe(cell) or '&nbsp;'}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table class={kind}>{f'<thead><tr>{head}</tr></thead>' if titles else ''}<tbody>{body}</tbody></table>"


def _signature() -> str:
    return (
        f"<p class=sign>{_safe(plain('printed.signature'))} <span class=blank>&nbsp;</span></p>"
        f"<p>{_safe(plain('printed.date'))} <span class=blank>&nbsp;</span></p>"
    )
