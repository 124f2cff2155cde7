"""What `demo` does: the sample is audited, its recordings are listened to, and it says what was heard in them."""

from pathlib import Path

import click

from collectaudit import views
from collectaudit.case import Case
from collectaudit.commands.running import audited, copied_sample, finish
from collectaudit.commands.shell import Shell
from collectaudit.errors import MissingPart
from collectaudit.render import Page
from collectaudit.render_words import utterance
from collectaudit.sample import keep_transcripts

_LANGUAGE = "zh"  # that the sample's recordings are in


def demonstrated(shell: Shell, out: Path) -> int:
    """Copy the sample to `out`, audit it, listen, and judge again by what was said."""
    inputs, whose = copied_sample(shell, out)
    case = audited(shell, inputs, out=out / "case", owners=whose, jurisdiction="cn")
    _listen(shell, case)
    case = audited(shell, [], out=out / "case")
    code = finish(shell, case, out / "case")
    _spoken(Page(shell.words), case, out / "case")
    return code


def _listen(shell: Shell, case: Case) -> None:
    """Transcribe the recordings; where nothing that listens is installed, say so and take what came with the sample."""
    from collectaudit.commands.listening import listened

    try:
        listened(shell, case.path, None, _LANGUAGE, None)
    except MissingPart as missing:
        keep_transcripts(case)
        what, fix = (shell.words.sentence(text) for text in (missing.what, missing.fix))
        click.echo(shell.words("demo.not_heard", what=what, fix=fix), err=True)


def _spoken(page: Page, case: Case, path: Path) -> None:
    """Each passage of a recording that a finding rests on: words, second, whose channel, whether a person listened."""
    found = [row["finding_id"] for row in views.findings(case, lang=page.words.lang, tier="finding") if row["speech"]]
    if found:
        page.heading("demo.spoken")
    for finding in filter(None, (views.finding(case, one, page.words.lang) for one in found)):
        page.data(finding["title"], style="bold")
        for said in finding["words"]["utterances"] if finding["words"] else ():
            if said["spans"]:
                utterance(page, said)
        page.command("show", str(path), str(finding["finding_id"]))
