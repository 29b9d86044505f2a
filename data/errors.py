"""Errors of ``data``; every one is a ``ValueError`` with one sentence that names the file, the row or the field.

DataError
├── SourceMismatch    a shipped file is not the one that ``sources.toml`` describes
├── BadMapping        a mapping file is no TOML, or names what we do not know
├── BadTable          rows of a table break its rules; all of them are listed at once
│   └── MissingColumns    columns that the table needs are not there
├── RefusedFile       a file that is not read at all: what it is or holds is not taken
├── UnusableMask      a file that is read but is no mask of this city
├── OpenQuestions     a file leaves open what nobody may guess
├── NoFigures         a register without a figure of any year would leave nothing to count
├── NothingLeft       no row of a file can be taken
├── UnknownFormat     a file suffix that we do not write
├── TooManyRows       more rows than the format of a file holds
├── TooLongForCell    a text longer than the format of a file holds
├── UnknownChoice     an id, year or word that is none of those known here
│   └── UnknownVersion    no version of the data has this id
├── DamagedVersion    the files of a version are not as they were written
├── StoreError        the versions cannot be asked for
│   ├── DamagedStore      the catalogue of the versions cannot be read
│   ├── StoreAway         the database of the versions does not answer
│   └── UnfitStore        the database of the versions is not ready for this release
├── StoreFull         the disk has no room for another version
├── NothingToUndo     the bundled set came from no import
├── ImportBusy        another import is at work and did not end in time
├── HeldElsewhere     another process holds what only one may hold
├── BadBackup         a backup that is not whole, holds what none may hold, or would lie in what it copies
├── WorkspaceInUse    a workspace that holds something is not overwritten unasked
├── FixedWorkspace    a workspace that is a mounted disk cannot change places with another
├── StoreElsewhere    the versions lie in a database, which has its own backup
├── WorkerDied        the process of an import ended before its work did
├── WorkerFailed      the work of an import met what nobody foresaw
├── NotNoted          a line could not be added to the audit log
├── PartitionFailed   the work on a part of a large file failed
├── UnusableEngine    the cluster that the work should run on cannot do it
└── BadSetting        a JIQUN_ variable of the environment holds what it cannot mean
"""

from collections.abc import Sequence

from data.mapping import Question


class DataError(ValueError):
    """Base of every error raised in ``data``."""


class SourceMismatch(DataError):
    """A shipped file differs from its entry in ``sources.toml``."""


class BadMapping(DataError):
    """A mapping file that cannot be used; ``field`` names the entry at fault."""

    def __init__(self, file: str, field: str, problem: str) -> None:
        self.file, self.field, self.problem = file, field, problem
        super().__init__(f"mapping {file}, {field}: {problem}")


class BadTable(DataError):
    """A table breaks its rules; ``problems`` holds one sentence for each kind of fault, with the rows."""

    def __init__(self, table: str, problems: Sequence[str]) -> None:
        self.table, self.problems = table, tuple(problems)
        super().__init__(f"{table}: " + "; ".join(problems))


class MissingColumns(BadTable):
    """A table lacks columns that it needs."""

    def __init__(self, table: str, missing: Sequence[str], columns: Sequence[str]) -> None:
        self.missing, self.columns = tuple(missing), tuple(columns)
        super().__init__(table, [f"no column {', '.join(missing)}; it has {', '.join(columns)}"])


class RefusedFile(DataError):
    """A file that is not read at all; ``reason`` is a code, ``error.RefusedFile.<reason>`` of the words."""

    def __init__(self, file: str, reason: str, **values: object) -> None:
        self.file, self.reason, self.values = file, reason, values
        told = ", ".join(f"{name} {value}" for name, value in values.items())
        super().__init__(f"{file} is not read: {reason.replace('_', ' ')}{f' ({told})' if told else ''}")


class UnusableMask(DataError):
    """A file that cannot serve as a mask; ``reason`` is a code, ``error.UnusableMask.<reason>`` of the words."""

    def __init__(self, file: str, reason: str, **values: object) -> None:
        self.file, self.reason, self.values = file, reason, values
        why = {
            "no_polygons": "holds no polygon",
            "too_detailed": "has more vertices than a mask may have",
            "datum": "does not show which datum it is in; say which",
            "elsewhere": "has no polygon near the city",
        }[reason]
        told = ", ".join(f"{name} {value}" for name, value in values.items())
        super().__init__(f"{file} {why}{f' ({told})' if told else ''}")


class OpenQuestions(DataError):
    """A file leaves open what nobody may guess; ``questions`` says what, and how it may be answered."""

    def __init__(self, file: str, questions: Sequence[Question]) -> None:
        self.file, self.questions = file, tuple(questions)
        self.asked = "; ".join(
            " ".join(
                part
                for part in (
                    q.about,
                    repr(q.subject) if q.subject else "",
                    f"({', '.join(q.options)})" if q.options else "",
                )
                if part
            )
            for q in questions
        )
        super().__init__(f"{file} leaves open: {self.asked}; answer by option or in a mapping")


class NoFigures(DataError):
    """A register without a figure of any year would leave nothing to count."""

    def __init__(self, file: str) -> None:
        self.file = file
        super().__init__(f"{file} has no revenue of any year; add a column of revenue and its year, or merge it")


class NothingLeft(DataError):
    """No row of a file can be taken."""

    def __init__(self, file: str, rows: int) -> None:
        self.file, self.rows = file, rows
        super().__init__(f"{file}: none of its {rows} rows can be taken; check tells why, row by row")


class UnknownFormat(DataError):
    """A file suffix that no writer serves."""

    def __init__(self, suffix: str, known: Sequence[str]) -> None:
        self.suffix, self.known = suffix, tuple(known)
        super().__init__(f"cannot write {suffix or 'a file without a suffix'!r}; use one of {', '.join(known)}")


class TooManyRows(DataError):
    """More rows than the format of a file holds."""

    def __init__(self, file: str, rows: int, most: int) -> None:
        self.file, self.rows, self.most = file, rows, most
        super().__init__(f"{file} would have {rows:,} rows, a sheet holds {most:,}; write .csv or .parquet")


class TooLongForCell(DataError):
    """A text longer than a cell of the format holds; nothing is cut."""

    def __init__(self, file: str, row: int, column: str, length: int, most: int) -> None:
        self.file, self.row, self.column, self.length, self.most = file, row, column, length, most
        super().__init__(
            f"{file}, row {row}, column {column}: a text of {length:,} characters, a cell holds {most:,}; "
            "write .csv or .parquet"
        )


class UnknownChoice(DataError):
    """An id, year or word that is none of those known here."""

    def __init__(self, what: str, value: object, known: Sequence[object]) -> None:
        self.what, self.value, self.known = what, value, tuple(known)
        listed = ", ".join(map(str, known)) or "none is known here"
        super().__init__(f"unknown {what} {str(value)[:80]!r}; expected one of: {listed}")


class UnknownVersion(UnknownChoice):
    """No version of the data has this id."""

    def __init__(self, value: str, known: Sequence[str]) -> None:
        super().__init__("version", value, known)


class DamagedVersion(DataError):
    """The files of a version are not as they were written, or of another release of the program."""

    def __init__(self, version: str, problem: str) -> None:
        self.version, self.problem = version, problem
        super().__init__(f"version {version} cannot be read: {problem}; import its register again")


class StoreError(DataError):
    """The versions cannot be asked for: what keeps them is damaged, away or not fit for this release."""


class DamagedStore(StoreError):
    """The catalogue of the versions is not as it was written, or of a later release of the program."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(
            f"{path} cannot be read: {problem}; move it and the files beside it ({path}-wal, {path}-shm) away, and it"
            " is made again from the folders of the versions"
        )


class StoreAway(StoreError):
    """The database of the versions does not answer, or not to the end; what was begun has changed nothing."""

    def __init__(self, where: str, reason: str) -> None:
        self.where, self.reason = where, reason
        super().__init__(
            f"the database of the versions ({where}) does not serve: {reason}; the data are as they were, try again"
            " when it does"
        )


class UnfitStore(StoreError):
    """The database of the versions is not ready for this release, or for what is asked of it."""

    def __init__(self, where: str, problem: str) -> None:
        self.where, self.problem = where, problem
        super().__init__(f"the database of the versions ({where}) is not ready: {problem}")


class StoreFull(DataError):
    """The disk has no room for another version; nothing of it is left."""

    def __init__(self, needed_mb: float, free_mb: float) -> None:
        self.needed_mb, self.free_mb = f"{needed_mb:,.1f}", f"{free_mb:,.1f}"
        super().__init__(
            f"the disk has no room: a new version needs about {self.needed_mb} MB, {self.free_mb} MB are free; the data"
            " are as they were, free some space and import again"
        )


class NothingToUndo(DataError):
    """The current version is the bundled set, which came from no import."""

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__(f"version {version} is the bundled set; there is no import to undo")


class ImportBusy(DataError):
    """Another import is at work and did not end in time."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        super().__init__(f"another import is still at work after {seconds:.0f} seconds; try again when it has ended")


class HeldElsewhere(DataError):
    """Another process holds what only one may hold."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(f"{what} is held by another process")


class BadBackup(DataError):
    """A backup that is not taken, or not made; ``reason`` is a code, ``error.BadBackup.<reason>`` of the words."""

    def __init__(self, file: str, reason: str, problem: str = "") -> None:
        self.file, self.reason, self.problem = file, reason, problem
        why = {
            "foreign": "is no backup of a workspace",
            "release": "was written by a later release; update the program first",
            "damaged": "is not whole; take another backup",
            "unsafe": "holds what no backup holds, and nothing of it was taken",
            "inside": "would lie in the workspace that it copies; choose another folder",
            "room": "does not fit on the disk",
        }[reason]
        super().__init__(f"{file} {why}{f' ({problem})' if problem else ''}")


class WorkspaceInUse(DataError):
    """A workspace that holds something is not overwritten unasked."""

    def __init__(self, home: str) -> None:
        self.home = home
        super().__init__(
            f"{home} is not empty; with --replace the backup takes its place and the old one stays beside it"
        )


class FixedWorkspace(DataError):
    """A workspace that is a mounted disk cannot change places with another."""

    def __init__(self, home: str) -> None:
        self.home = home
        super().__init__(f"{home} is a mounted disk and cannot change places; set JIQUN_HOME to a folder in it")


class StoreElsewhere(DataError):
    """The versions lie in a database, which has its own backup."""

    def __init__(self) -> None:
        super().__init__(
            "the versions lie in PostgreSQL: copy them with pg_dump --format=custom, bring them back with pg_restore;"
            " copy plans, masks and the audit log of the workspace folder beside it"
        )


class WorkerDied(DataError):
    """The process of an import ended before its work did; nothing was written."""

    def __init__(self, stage: str) -> None:
        self.stage = stage
        super().__init__(f"the work stopped at {stage!r} because its process ended; start it again")


class WorkerFailed(DataError):
    """The work of an import met what nobody foresaw; its folder holds the log."""

    def __init__(self, stage: str, log: str) -> None:
        self.stage, self.log = stage, log
        super().__init__(f"the work failed at {stage!r}; the operator finds the reason in {log}")


class PartitionFailed(DataError):
    """The work on a part of a large file failed; the other parts are as far as they were."""

    def __init__(self, partition: str, problem: str) -> None:
        self.partition, self.problem = partition, problem
        super().__init__(f"partition {partition}: {problem}")


class UnusableEngine(DataError):
    """The cluster cannot do the work; ``reason`` is a code, ``error.UnusableEngine.<reason>`` of the words."""

    def __init__(self, address: str, reason: str, *, problem: str = "", worker: str = "") -> None:
        self.address, self.reason, self.problem, self.worker = address, reason, problem, worker
        why = {
            "not_installed": "needs the packages of requirements-dask.txt",
            "unreachable": "cannot be reached; see whether a scheduler listens there, or unset JIQUN_ENGINE",
            "no_workers": "has no worker; start some, or unset JIQUN_ENGINE",
            "lost": "was lost while it worked; start again, what is finished stays",
            "no_program": "has a worker that does not find the program; start workers in the program's folder",
            "other_program": f"has a worker {worker} with another version of the program; bring it to this one",
        }[reason]
        super().__init__(f"JIQUN_ENGINE {address} {why}{f' ({problem})' if problem else ''}")


class BadSetting(DataError):
    """A variable of the environment holds what it cannot mean."""

    def __init__(self, variable: str, value: object, problem: str) -> None:
        self.variable, self.value, self.problem = variable, value, problem
        super().__init__(f"{variable} is {value!r}: {problem}")


class NotNoted(DataError):
    """What was done, or asked for, could not be written into the audit log."""

    def __init__(self, what: str, path: str, problem: str) -> None:
        self.what, self.path, self.problem = what, path, problem
        super().__init__(f"the audit log could not note {what!r} in {path}: {problem}; make room and try again")
