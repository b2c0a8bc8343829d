"""REST for the question why a site is quiet: the way of its messages, and the first step that is broken."""

from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Schema

from mqtt_app.diagnosis import judgement, symptoms
from mqtt_app.diagnosis.words import Code, State, Step
from sites import rest
from sites.models import Site

router = Router()


class WayOut(Schema):
    """One step of a message's way. words: what was found; action: what mends it, empty where nothing is to be done.

    code and values say the same to translators: values fill the slots of the words.
    """

    name: Step
    state: State
    code: Code
    values: dict[str, str]
    words: str
    action: str


class DiagnosisOut(Schema):
    """broken: the first step that is; null when the whole way is open."""

    broken: Step | None
    steps: list[WayOut]


@router.get("/sites/{site_id}/diagnosis/", response=DiagnosisOut, summary="Why a site is quiet, step by step")
def get_diagnosis(request: HttpRequest, site_id: int) -> dict[str, Any]:
    site = rest.find(rest.visible(request, Site.objects.all(), "pk"), pk=site_id)
    steps = judgement.judge(symptoms.of_site(site, timezone.now()))
    return {"broken": next((step.name for step in steps if step.state is State.BROKEN), None), "steps": steps}
