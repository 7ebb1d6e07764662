"""`release …`: the verbs, each in the module that its duty names."""

import typer

from distributor.cli import (
    release_add,
    release_copy,
    release_correct,
    release_decide,
    release_embargo,
    release_look,
    release_phone,
    release_report,
    release_testing,
    release_withdraw,
)

app = typer.Typer(
    help="Add, look at, approve, send, change, stop, withdraw and test releases.", no_args_is_help=True
)

app.command("add")(release_add.add)
app.command("send")(release_add.send)
app.command("list")(release_look.listing)
app.command("show")(release_look.show)
app.command("preview")(release_look.preview)
app.command("audience")(release_look.audience)
app.command("plan")(release_look.plan)
app.command("approve")(release_decide.approve)
app.command("hold")(release_decide.hold)
app.command("resume")(release_decide.resume)
app.command("cancel")(release_decide.cancel)
app.command("embargo")(release_embargo.embargo)
app.command("lift")(release_embargo.lift)
app.command("correct")(release_correct.correct)
app.command("withdraw")(release_withdraw.withdraw)
app.command("copy")(release_copy.copy)
app.command("report")(release_report.report)
app.command("unreached")(release_phone.unreached)
app.command("test")(release_testing.send_test)
