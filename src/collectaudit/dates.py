"""Days and times as the reader writes them, to the precision of their source."""

from datetime import date, datetime

from .catalogue import Words


def day(words: Words, at: date | datetime | str | None) -> str:
    """A day in the reader's convention."""
    if at is None:
        return words("word.unknown")
    read = date.fromisoformat(at[:10]) if isinstance(at, str) else at
    return words("date.day", year=str(read.year), month=words(f"month.{read.month}"), day=str(read.day))


def today() -> date:
    """The day here, as people write it on a letter."""
    return date.today()  # noqa: DTZ011


def moment(words: Words, at: datetime | str | None, precision: str | None = "second") -> str:
    """A civil time; of a source that knows only the day, the day."""
    if at is None:
        return words("word.unknown")
    read = datetime.fromisoformat(at) if isinstance(at, str) else at
    if precision == "day":
        return day(words, read)
    clock = read.strftime("%H:%M" if precision == "minute" else "%H:%M:%S")
    return words("date.moment", day=day(words, read), clock=clock)


def zone(words: Words, name: str | None) -> str:
    """A time zone as people call it, or by its name in the database of zones."""
    key = f"zone.{name}"
    return words(key) if key in words else name or words("word.unknown")


def length(words: Words, seconds: float | None) -> str:
    """How long something lasts, or where in a recording it stands: 3:07, 1:02:45."""
    if seconds is None:
        return words("word.unknown")
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
