"""The admin's page on which a parser is tried on the last messages of a topic. Nothing is written."""

import json
from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from mqtt_app.exploring.discovery import sample
from mqtt_app.judging import catalogue, trials
from mqtt_app.models import DiscoveredTopic
from mqtt_app.topics import is_filter

TRIED = 20  # messages
SHOWN_ROWS = 100  # readings of one message
SHOWN_CHARACTERS = 500  # of its payload


class ParserForm(forms.Form):
    parser = forms.ChoiceField(required=False)

    def __init__(self, names: list[str], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [("", "the one that would be chosen"), *((name, name) for name in names)]
        self.fields["parser"].choices = choices  # type: ignore[attr-defined]


def page(request: HttpRequest, topic: DiscoveredTopic) -> HttpResponse:
    """?parser=name: instead of the one that would be chosen. Whether the person may is for the caller to know."""
    form = ParserForm(catalogue.names(topic.site_id), request.GET)
    name = form.cleaned_data["parser"] if form.is_valid() else None
    tried = [] if name is None else _tried(topic, name)
    words = {
        "title": "Try a parser",
        "subtitle": topic.topic_path,
        "opts": DiscoveredTopic._meta,
        "topic": topic,
        "form": form,
        "tried": [_line(trial) for trial in tried],
        "passed": sum(trial.passes for trial in tried),
        "readings": sum(len(trial.preview.rows) for trial in tried),
    }
    return TemplateResponse(request, "admin/mqtt_app/trial.html", admin.site.each_context(request) | words)


def _tried(topic: DiscoveredTopic, name: str) -> list[trials.Trial]:
    """Of the messages that are kept whole; those of a topic that no filter names alone are its samples."""
    path = topic.topic_path
    if is_filter(path) and "+" not in path and "#" not in path:
        kept = trials.recent(topic.site, path, TRIED)
    else:
        kept = trials.newest(map(trials.of_sample, topic.samples.select_related("topic")))
    whole = [one for one in kept if not one.is_cut]
    return trials.try_all(whole, trials.route_of(topic.site), catalogue.named(topic.site_id, name))


def _line(trial: trials.Trial) -> dict[str, Any]:
    found = trial.preview
    new = [f"gateway {serial}" for _, serial in found.new_gateways]
    new += [f"datalogger {serial}" for _, serial in found.new_dataloggers]
    report = trial.verdict.report
    told = [f"gateway {one.serial}" for one in report.gateways] if report else []
    told += [f"datalogger {one.serial}" for one in report.dataloggers] if report else []
    shown = next(iter(sample(trial.specimen.payload).values()), "")
    return {
        "at": trial.specimen.received_at,
        "payload": (shown if isinstance(shown, str) else json.dumps(shown, ensure_ascii=False))[:SHOWN_CHARACTERS],
        "fate": trial.verdict.fate,
        "parser": trial.verdict.parser,
        "passes": trial.passes,
        "faults": trial.faults,
        "new": new[:SHOWN_ROWS],
        "told": told[:SHOWN_ROWS],
        "rows": found.rows[:SHOWN_ROWS],
        "left_out": max(0, len(found.rows) - SHOWN_ROWS),
    }
