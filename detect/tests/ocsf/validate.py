"""Validates findings, a line each on standard input, against the schema of OCSF that they name, and their evidence, too."""

import json
import sys

from jsonschema import Draft202012Validator
from ocsf_json_schema import OcsfJsonSchemaEmbedded, get_ocsf_schema

schemas = {}


def validator(event):
    key = (event["metadata"]["version"], event["class_uid"])
    if key not in schemas:
        schema = OcsfJsonSchemaEmbedded(get_ocsf_schema(key[0]))
        name = schema.lookup_class_name_from_uid(key[1])
        schemas[key] = Draft202012Validator(schema.get_class_schema(name))
    return schemas[key]


def events(finding):
    yield finding
    for evidence in finding.get("evidences", []):
        if "data" in evidence:
            yield evidence["data"]


count = 0
failed = 0
for line in sys.stdin:
    for event in events(json.loads(line)):
        count += 1
        for error in validator(event).iter_errors(event):
            failed += 1
            print(f"class {event['class_uid']}, {error.json_path}: {error.message}")
print(f"{count} events, {failed} errors")
sys.exit(1 if failed or not count else 0)
