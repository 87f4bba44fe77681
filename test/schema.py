"""Holds JSON against a JSON schema, by jsonschema: a list of the two on standard input, what is wrong as a JSON list out."""

import json
import sys

from jsonschema.validators import validator_for

schema, value = json.load(sys.stdin)
check = validator_for(schema)
check.check_schema(schema)
json.dump(
    [
        f"{error.json_path}: {error.message}"
        for error in check(schema).iter_errors(value)
    ],
    sys.stdout,
)
