"""A worker's child that is replaced has told browsers all that it had to tell."""

import os

from celery.concurrency.prefork import process_destructor
from django.conf import settings
from redis import Redis

import tasks
from mqtt_app.browsers import live
from sites.models import Site
from tests.hearing import Wait
from tests.web import heard

NOWHERE = Site(pk=1, name="Nowhere", slug="nowhere")


def test_a_replaced_child_does_not_take_its_last_announcement_with_it(wait_until: Wait) -> None:
    assert tasks.LAST_WORDS_S
    with Redis.from_url(settings.REDIS_URL) as redis, redis.pubsub(ignore_subscribe_messages=True) as ear:
        ear.psubscribe("live*")
        child = os.fork()
        if child == 0:
            live.announce([heard(NOWHERE, 0.125)])
            process_destructor(os.getpid(), 0)  # what Celery's pool calls at the end of a child
            os._exit(0)
        os.waitpid(child, 0)
        heard_of = b"0.125"
        wait_until(
            lambda: (news := ear.get_message(timeout=0.1)) and heard_of in news["data"], what="the child's announcement"
        )
