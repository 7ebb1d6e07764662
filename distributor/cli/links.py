"""Addresses of the console, as people open them."""

from distributor.cli.terminal import Terminal


def join(terminal: Terminal, token: str) -> str:
    """By which an officer sets her password: where the office is known, else on this machine."""
    web = terminal.config.web
    known = terminal.system.publisher.base_url
    origin = "/".join(known.split("/")[:3]) if known.startswith("https://") else f"http://{web.listen}"
    return f"{origin}/office/join/{token}"
