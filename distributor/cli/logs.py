"""Where the service writes what it does: stderr, as text or JSON lines. No addresses, no texts (law 9).

What a library or a relay says may hold an address after all: it is masked, but at level debug.
"""

import json
import logging
import re
from datetime import UTC, datetime

from distributor.config import Config


def set_up(config: Config) -> None:
    """Log at the configured level in the configured format."""
    handler = logging.StreamHandler()
    form = _Json() if config.log.format == "json" else logging.Formatter(_TEXT)
    handler.setFormatter(form if config.log.level == "debug" else _Masked(form))
    logging.basicConfig(level=config.log.level.upper(), handlers=[handler], force=True)
    for chatty in ("alembic", "apscheduler", "aiosmtplib", "asyncio", "uvicorn"):
        logging.getLogger(chatty).setLevel(logging.ERROR)


_TEXT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


_ADDRESS = re.compile(r"[^\s<>\"'(),;:\\]*@[^\s<>\"'(),;\\]*")


class _Masked(logging.Formatter):
    def __init__(self, form: logging.Formatter) -> None:
        super().__init__()
        self._form = form

    def format(self, record: logging.LogRecord) -> str:
        return _ADDRESS.sub("(address)", self._form.format(record))


class _Json(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        said = {"at": at, "level": record.levelname.lower(), "where": record.name}
        if record.exc_info:
            said["error"] = self.formatException(record.exc_info)
        return json.dumps(said | {"message": record.getMessage()}, ensure_ascii=False)
