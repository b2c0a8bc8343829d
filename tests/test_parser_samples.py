"""Every message in tests/samples is read as its sample says, by the parser whose folder it lies in."""

import base64
import json
from pathlib import Path

import pytest

from mqtt_app.parsers import registry
from tests.fieldwork import in_words, parse

SAMPLES = Path(__file__).parent / "samples"
FILES = sorted(SAMPLES.glob("*/*.json"))


@pytest.mark.parametrize("file", FILES, ids=[f"{file.parent.name}/{file.stem}" for file in FILES])
def test_a_sample_is_read_as_it_says(file: Path) -> None:
    sample = json.loads(file.read_text())
    payload = base64.b64decode(sample["b64"]) if "b64" in sample else sample["payload"]
    payload = payload.encode() if sample.get("raw") else payload
    assert in_words(parse(sample["topic"], payload, sample.get("retain", False))) == sample["expect"]
    parser = registry.find(sample["topic"], payload if isinstance(payload, bytes) else json.dumps(payload).encode())
    assert parser
    assert parser.name == file.parent.name


def test_every_installed_parser_has_samples() -> None:
    assert {file.parent.name for file in FILES} == set(registry.names())
