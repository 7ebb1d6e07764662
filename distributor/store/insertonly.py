"""What makes the log insert-only in the database itself: triggers, made by the migration.

They stop slips of ours and of whoever opens the database by hand; whoever takes them away shows in `log
verify`. Only address and text may be blanked: they are not hashed, and erasure needs it.
"""

_BLANKED = ("address", "text")
_HASHED = """
    id chain seq kind at actor release_id mailout_id delivery_id subject attempt relay code enhanced
    text_sha256 bytes_sha256 detail hash
"""
_LATER = "publisher_id"
_SAID = "the log is insert-only"


def statements(dialect: str) -> list[str]:
    """The DDL for "sqlite" or "postgresql", to be executed one by one: of the first schema."""
    return _postgresql() if dialect == "postgresql" else _sqlite()


def with_publisher(dialect: str) -> list[str]:
    """The same for the column that came later."""
    when = f"CREATE TRIGGER log_of_publisher BEFORE UPDATE OF {_LATER} ON log"
    if dialect == "postgresql":
        return [f"{when} FOR EACH ROW EXECUTE FUNCTION log_is_insert_only()"]
    return [f"{when} BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"]


def _filled(old: str, new: str) -> str:
    """SQL: a column that may be blanked got another content."""
    changes = (f"coalesce({new}.{name}, '') NOT IN ('', coalesce({old}.{name}, ''))" for name in _BLANKED)
    return " OR ".join(changes)


def _sqlite() -> list[str]:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{_SAID}'); END"
    return [
        f"CREATE TRIGGER log_hashed BEFORE UPDATE OF {', '.join(_HASHED.split())} ON log {refuse}",
        f"CREATE TRIGGER log_blanked BEFORE UPDATE OF {', '.join(_BLANKED)} ON log"
        f" WHEN {_filled('OLD', 'NEW')} {refuse}",
        f"CREATE TRIGGER log_kept BEFORE DELETE ON log {refuse}",
    ]


def _postgresql() -> list[str]:
    refuse = "EXECUTE FUNCTION log_is_insert_only()"
    return [
        "CREATE FUNCTION log_is_insert_only() RETURNS trigger LANGUAGE plpgsql AS"
        f" $$ BEGIN RAISE EXCEPTION '{_SAID}' USING ERRCODE = 'restrict_violation'; END $$",
        f"CREATE TRIGGER log_hashed BEFORE UPDATE OF {', '.join(_HASHED.split())} ON log"
        f" FOR EACH ROW {refuse}",
        f"CREATE TRIGGER log_blanked BEFORE UPDATE OF {', '.join(_BLANKED)} ON log"
        f" FOR EACH ROW WHEN ({_filled('OLD', 'NEW')}) {refuse}",
        f"CREATE TRIGGER log_kept BEFORE DELETE ON log FOR EACH ROW {refuse}",
        f"CREATE TRIGGER log_not_emptied BEFORE TRUNCATE ON log FOR EACH STATEMENT {refuse}",
    ]
