"""The plain way: python -m tests.bench.plain PORT COUNT SIZE CONNECTIONS; prints the seconds it sent.

For each recipient an EmailMessage with a text and an HTML part is built and given to
`aiosmtplib.SMTP.send_message`, over connections that are kept.
"""

import asyncio
import sys
import time
from collections.abc import Iterator
from email.message import EmailMessage

import aiosmtplib

_LINE = "The harbour takes every vessel from today, said the press office of the town.\n"


def message(number: int, size: int) -> EmailMessage:
    """About `size` bytes: an eighth of it text, the rest HTML."""
    made = EmailMessage()
    made["From"] = "Press Office <press@example.org>"
    made["To"] = f"r{number}@example.org"
    made["Subject"] = "Harbour of Quillhaven opens to every vessel"
    made["List-Id"] = "Press Office <press.example.org>"
    made.set_content(_LINE * max(1, size // 8 // len(_LINE)))
    made.add_alternative(f"<p>{_LINE}</p>" * max(1, size * 7 // 8 // (len(_LINE) + 7)), subtype="html")
    return made


async def main(port: int, count: int, size: int, connections: int) -> float:
    clients = [aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False) for _ in range(connections)]
    for client in clients:
        await client.connect()
    numbers = iter(range(count))
    began = time.perf_counter()
    await asyncio.gather(*(_send(client, numbers, size) for client in clients))
    return time.perf_counter() - began


async def _send(client: aiosmtplib.SMTP, numbers: Iterator[int], size: int) -> None:
    for number in numbers:
        await client.send_message(message(number, size))
    await client.quit()


if __name__ == "__main__":
    print(asyncio.run(main(*(int(word) for word in sys.argv[1:]))))
