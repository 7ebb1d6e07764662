"""A name server in this process that knows TXT records, for code that asks the DNS."""

import socketserver
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.rcode
import dns.resolver
import dns.rrset


@contextmanager
def nameserver(records: Mapping[str, str] | None) -> Iterator[dns.resolver.Resolver]:
    """What asks it, for the length of the block; without `records` it fails each question."""

    class Answer(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            socket.sendto(_answer(dns.message.from_wire(data), records).to_wire(), self.client_address)

    with socketserver.UDPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        resolver = dns.resolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], server.server_address[1]
        yield resolver
        server.shutdown()


def _answer(question: dns.message.Message, records: Mapping[str, str] | None) -> dns.message.Message:
    answer = dns.message.make_response(question)
    answer.flags |= dns.flags.RA
    name = question.question[0].name
    text = (records or {}).get(name.to_text(omit_final_dot=True))
    if text is not None:
        strings = [f'"{text[start : start + 255]}"' for start in range(0, len(text), 255)]
        answer.answer.append(dns.rrset.from_text(name, 60, "IN", "TXT", " ".join(strings)))
    else:
        answer.set_rcode(dns.rcode.SERVFAIL if records is None else dns.rcode.NXDOMAIN)
    return answer
