"""Checks, migrates and seeds a local system; `manage.py up` runs it, in a process with that system's settings."""

import json
from typing import Any

from django.core.checks import ERROR, run_checks
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from mqtt_app.checks import AT_START
from project.environment import BASE_DIR
from project.local import seed
from project.local.home import Home


class Command(BaseCommand):
    """Idempotent. Its last line is JSON: {"told", "migrated", "is_password_ours", "fleet": [slugs to hear from]}.

    told: what the checks found, [{"is_error", "words", "hint", "id"}]; with an error it is all, and nothing is changed.
    """

    help = "Migrate the database, make the first user and, with --mqtt-url, the fleet's sites; `up` runs this."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--data", default=str(BASE_DIR / ".data"), help="folder that holds secrets.json")
        parser.add_argument("--mqtt-url", default="", help="the fleet's broker")
        parser.add_argument("--sites", type=int, default=len(seed.FLEET), help="of the fleet")

    def handle(self, *_args: Any, **options: Any) -> None:
        found = [one for one in run_checks(tags=AT_START, databases=["default"]) if not one.is_silenced()]
        told = [
            {"is_error": one.level >= ERROR, "words": str(one.msg), "hint": str(one.hint or ""), "id": str(one.id)}
            for one in found
        ]
        if any(one["is_error"] for one in told):
            self.stdout.write(json.dumps({"told": told}))
            return
        executor = MigrationExecutor(connection)
        plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if plan:
            call_command("migrate", interactive=False, verbosity=1, skip_checks=True)
        executor.check_replacements()  # a folder made by the migrations that ours replace is told so
        secrets = Home.at(options["data"]).secrets()
        user = seed.administrator("admin", secrets.admin_password, secrets.api_token)
        places = seed.places(options["sites"]) if options["mqtt_url"] else []
        slugs = seed.fleet(options["mqtt_url"], places)
        is_ours = user.check_password(secrets.admin_password)
        answer = {"told": told, "migrated": len(plan), "is_password_ours": is_ours, "fleet": slugs}
        self.stdout.write(json.dumps(answer))
