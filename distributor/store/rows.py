"""Core tables by name, for statements: `rows.delivery.c.state`."""

from typing import cast

from sqlalchemy import Table
from sqlmodel import SQLModel

from distributor.store import tables


def _table(model: type[SQLModel]) -> Table:
    return cast(Table, model.__table__)  # type: ignore[attr-defined]


installation = _table(tables.Installation)
publisher = _table(tables.Publisher)
officer = _table(tables.Officer)
credential = _table(tables.Credential)
invitation = _table(tables.Invitation)
session = _table(tables.Session)
device = _table(tables.Device)
knock = _table(tables.Knock)
topic = _table(tables.Topic)
contact_list = _table(tables.ContactList)
contact = _table(tables.Contact)
membership = _table(tables.Membership)
access = _table(tables.Access)
access_past = _table(tables.AccessPast)
suspension = _table(tables.Suspension)
strike = _table(tables.Strike)
suppression = _table(tables.Suppression)
release = _table(tables.Release)
revision = _table(tables.Revision)
approval = _table(tables.Approval)
version = _table(tables.Version)
blob = _table(tables.Blob)
rendering = _table(tables.Rendering)
mailout = _table(tables.Mailout)
run = _table(tables.Run)
boot = _table(tables.Boot)
jump = _table(tables.Jump)
ration = _table(tables.Ration)
batch = _table(tables.Batch)
delivery = _table(tables.Delivery)
service_mail = _table(tables.ServiceMail)
told = _table(tables.Told)
relay_trouble = _table(tables.RelayTrouble)
log = _table(tables.Log)
