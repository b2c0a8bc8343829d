"""Two listeners: when the one that holds a connection freezes, the other takes over, once."""

import time
from pathlib import Path

import pytest

from tests.conftest import wait
from tests.faults.plant import Plant, brief, check, long

pytestmark = [pytest.mark.broker_restart, pytest.mark.timeout(300)]


@pytest.mark.parametrize("frozen_s", [brief(0), long(40)])
def test_a_frozen_holder_is_replaced_and_does_not_come_back_to_fight(
    plant: Plant, tmp_path: Path, frozen_s: float
) -> None:
    with plant.second_listener(tmp_path / "listener-2.log"):
        epoch = plant.connection("epoch")
        (holder,) = plant.query("SELECT id FROM mqtt_app_listener WHERE name = 'listener-1'")[0]
        assert plant.connection("listener_id") == holder
        frozen = plant.listener.pid
        with plant.frozen("run_mqtt"):
            began = time.monotonic()

            def taken_over() -> bool:
                return (
                    plant.connection("listener_id") not in (holder, None) and plant.connection("report_epoch") > epoch
                )

            plant.pour(lambda: taken_over() and plant.connection("status") == "connected", 20, "take-over")
            took = time.monotonic() - began
            plant.pour(lambda: time.monotonic() - began > frozen_s, 60, "it stays frozen")
            lasted = time.monotonic() - began
        woken = plant.query("SELECT now()")[0][0]
        beaten = "SELECT 1 FROM mqtt_app_listener WHERE id = %s AND heartbeat > %s + interval '4 seconds'"
        plant.pour(lambda: plant.query(beaten, [holder, woken]), 20, "the woken one has looked around")
        check(plant, f"listener frozen {lasted:.0f} s, another beside it", f"taken over once, after {took:.1f} s")
        assert plant.connection("epoch") == epoch + 1
        assert plant.connection("report_epoch") == epoch + 1
        assert plant.connection("listener_id") != holder
        assert plant.listener.pid == frozen
    # The other one leaves in order: what it held goes back.
    wait(lambda: plant.connection("epoch") > epoch + 1 and plant.connection("status") == "connected", 20, "hand back")
    plant.publish(100)
    check(plant, "listener stopped, its connection handed back")
