"""Holds answers of the JSON protocol against AWS's own model of the service, as `answers.py` does."""

import base64
import binascii
import json
import re

# What every operation may answer.
COMMON_ERRORS = {"AccessDeniedException", "ValidationException"}

# AWS's examples show grants without a name with an empty one, which the model has too short.
UNLIKE_THE_MODEL = {"GrantNameType": [""]}


def faults(model, http_response, is_done):
    """The faults of an answer: its form, and every value in it."""
    found = [] if http_response.headers.get("x-amzn-requestid") else ["there is no request id"]
    if http_response.headers.get("content-type") != "application/x-amz-json-1.1":
        found.append("the answer says that it is something else")
    if not is_done:
        return found + refusal(model, json.loads(http_response.content))
    if model.output_shape is None:
        return found + ([] if http_response.content in (b"", b"{}") else [f"{model.name} answers something"])
    return found + value(model.output_shape, json.loads(http_response.content), model.name)


def refusal(model, body):
    code, modelled = body.get("__type"), {shape.name: shape for shape in model.error_shapes}
    if code not in modelled.keys() | COMMON_ERRORS:
        return [f"{model.name} may not answer {code}"]
    # AWS's services and front ends write either, and clients read both.
    members = {"__type", "message", "Message"} | (modelled[code].members.keys() if code in modelled else set())
    return [f"{code} knows no {unknown}" for unknown in body if unknown not in members]


def value(shape, given, path):
    """The faults of a value that should have a shape of the model's."""
    match shape.type_name:
        case "structure":
            return structure(shape, given, path)
        case "list":
            return every(value(shape.member, item, f"{path}[]") for item in given)
        case "map":
            return every(value(shape.value, item, f"{path}[{key}]") for key, item in given.items())
        case _:
            return scalar(shape, given, path)


def structure(shape, given, path):
    if not isinstance(given, dict):
        return [f"{path} is no structure: {given!r}"]
    found = [f"{path} has no {missing}" for missing in shape.required_members if missing not in given]
    found += [f"{path} knows no {unknown}" for unknown in given if unknown not in shape.members]
    known = given.keys() & shape.members.keys()
    return found + every(value(shape.members[key], given[key], f"{path}.{key}") for key in known)


def scalar(shape, given, path):
    size = measured(shape.type_name, given)
    if size is None:
        return [f"{path} is no {shape.type_name}: {given!r}"]
    if given in UNLIKE_THE_MODEL.get(shape.name, []):
        return []
    enum, bounds = getattr(shape, "enum", []), shape.metadata
    if enum and given not in enum:
        return [f"{path} is none of {enum}: {given!r}"]
    if not bounds.get("min", size) <= size <= bounds.get("max", size):
        return [f"{path} is too small or too large: {given!r}"]
    if "pattern" in bounds and not re.fullmatch(bounds["pattern"], given):
        return [f"{path} does not match {bounds['pattern']}: {given!r}"]
    return []


def measured(kind, given):
    """What bounds of the model are about: a number itself, or a length. None for another kind."""
    match kind, given:
        case "boolean", bool():
            return 0
        case ("integer" | "long"), int() if not isinstance(given, bool):
            return given
        case "timestamp", int() | float():
            return given
        case "blob", str():
            return length_of_blob(given)
        case "string", str():
            return len(given)
        case _:
            return None


def length_of_blob(text):
    try:
        return len(base64.b64decode(text, validate=True))
    except binascii.Error:
        return None


def every(parts):
    return [fault for part in parts for fault in part]
