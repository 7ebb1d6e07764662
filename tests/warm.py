"""Imported by the fork server alone: what each of its children would do anew is done once."""

from distributor.mail.templates import HTML, NOTICE_HTML, NOTICE_TEXT, TEXT, Templates
from distributor.resources import shipped

_templates = Templates([shipped("templates")])
for _name in (HTML, TEXT, NOTICE_HTML, NOTICE_TEXT):
    _templates.where(_name)  # which compiles it
