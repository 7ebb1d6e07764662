"""Stage: what waits for the webhook is posted to it, one document after the other, each until it is taken.

At least once: whoever dies before the answer is written leaves it to be posted again, with the same id. Who
takes none for a day gets that one never, and the next.
"""

import asyncio
import logging
import random
from datetime import datetime, timedelta

from distributor.policy.retry import WEBHOOK, GiveUp, next_attempt
from distributor.store import log, servicemail
from distributor.store.database import Store
from distributor.store.servicemail import ServiceMail
from distributor.wire import webhook

ACTOR = "clockwork"
_TAKEN = timedelta(seconds=60)  # much longer than a post may take

_log = logging.getLogger(__name__)


def run(store: Store, *, now: datetime, publisher_id: str, url: str) -> int:
    """Post the one that is due; returns how many were taken by it. It takes seconds where nobody answers."""
    way = servicemail.WEBHOOK
    with store.read() as connection:
        if not servicemail.due(connection, publisher_id=publisher_id, way=way, now=now):
            return 0
    with store.write() as connection:
        taken = servicemail.take(connection, publisher_id=publisher_id, way=way, now=now, until=now + _TAKEN)
    if taken is None:
        return 0
    content = f'{{"id": "{id_of(taken)}", {taken.content[1:]}'.encode()
    answer = asyncio.run(webhook.post(url, content, id=id_of(taken)))
    _note(store, taken, answer, now=now)
    return int(answer.taken)


def id_of(taken: ServiceMail) -> str:
    """By which a second post is known as the first."""
    return f"{taken.publisher_id}-alert-{taken.id}"


def _note(store: Store, taken: ServiceMail, answer: webhook.Answer, *, now: datetime) -> None:
    if answer.taken:
        event = "accept"
    else:
        _log.warning("the webhook took no alert: %s", answer.words)
        decided = next_attempt(
            failures=taken.tries,
            now=now,
            expires_at=taken.expires_at,
            jitter=random.random(),  # noqa: S311
            backoff=WEBHOOK,
        )
        if not isinstance(decided, GiveUp):
            with store.write() as connection:
                servicemail.again(connection, id=taken.id, at=decided.at, now=now, reason=answer.words)
            return
        event = "expire"
    with store.write() as connection:
        if servicemail.end(connection, id=taken.id, event=event, now=now, reason=answer.words):
            kind = "alert_posted" if answer.taken else "alert_given_up"
            said = f"{id_of(taken)}: {answer.words}"
            told = log.Event(kind, now, ACTOR, detail=said, publisher_id=taken.publisher_id)
            log.record(connection, told)
